"""How bright tissues and lesions are in each sequence, and how it was acquired."""

from dataclasses import dataclass, field

from sklearn_orn.datasets._lesion_texture import CLASS_EFFECT


@dataclass(frozen=True)
class Contrast:
    """One sequence of the synthetic scanner; signals are relative to fat."""

    skin: float
    fascia: float
    muscle: float
    gland: float
    cortex: float
    fluid: float
    cord: float
    void: float
    vein: float
    mucosa: float
    marrow: float  # times that of CE-T1, which is the patient's own
    lesion: tuple[float, float]  # lowest and highest mean, times CE-T1's marrow
    class_effect: float  # of its own texture, see `_lesion_texture`
    header: dict[str, object] = field(default_factory=dict)
    fat: float = 1.0


_SPIN_ECHO = {
    "ContrastBolusAgent": "",
    "SequenceName": "TSE_T1",
    "RepetitionTime": 550.0,
    "EchoTime": 10.0,
}
CE_T1 = "CE-T1"
# T2 tells the classes apart by a texture of its own, which no other sequence has; T1
# does not tell them.
CONTRASTS = {
    CE_T1: Contrast(
        skin=0.62,
        fascia=0.66,
        muscle=0.40,
        gland=0.66,
        cortex=0.10,
        fluid=0.15,
        cord=0.36,
        void=0.09,
        vein=0.90,
        mucosa=0.76,
        marrow=1.0,
        lesion=(0.60, 0.80),
        class_effect=CLASS_EFFECT,
        header=_SPIN_ECHO
        | {"ContrastBolusAgent": "Gadolinium chelate", "ContrastBolusRoute": "IV"},
    ),
    "T1": Contrast(
        skin=0.55,
        fascia=0.50,
        muscle=0.34,
        gland=0.42,
        cortex=0.08,
        fluid=0.12,
        cord=0.38,
        void=0.06,
        vein=0.20,
        mucosa=0.36,
        marrow=0.95,
        lesion=(0.45, 0.60),
        class_effect=0.0,
        header=_SPIN_ECHO,
    ),
    "T2": Contrast(
        skin=0.42,
        fascia=0.40,
        muscle=0.22,
        gland=0.62,
        cortex=0.05,
        fluid=1.25,
        cord=0.48,
        void=0.04,
        vein=0.30,
        mucosa=1.05,
        marrow=0.70,
        lesion=(1.05, 1.45),
        class_effect=1.8,
        header=_SPIN_ECHO
        | {"SequenceName": "TSE_T2", "RepetitionTime": 3800.0, "EchoTime": 95.0},
    ),
}
