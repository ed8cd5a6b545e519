"""The calculator of a model of a score and clinical columns."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklearn_orn import NomogramClassifier
from sklearn_orn.deploy import ModelFile, calculator_page, predict_cohort, save_model
from sklearn_orn.deploy._calculator_data import page_data
from sklearn_orn.model import Nomogram
from tests.deploy._chromium import drive, needs_chromium
from tests.deploy._models import FEATURES, GRADES, STAGES, combined_data
from tests.deploy.test_calculator import EVIL, Elements

SCORE = "radiomics score"


@pytest.fixture(scope="module")
def model(stored):
    return ModelFile.read(stored["combined"])


@pytest.fixture(scope="module")
def page(model):
    return calculator_page(model)


@pytest.fixture(scope="module")
def fields(model):
    """Name -> the place of its field."""
    return {p["name"]: i for i, p in enumerate(page_data(model)["predictors"])}


def scores_csv(model, X, folder):
    table = predict_cohort(model, X.assign(patient="P1")).table
    table.to_csv(folder / "scores.csv", index=False)
    return table, (folder / "scores.csv").read_text(encoding="utf-8").splitlines()


def paste(place, text):
    return (
        "(() => { const data = new DataTransfer();"
        f"data.setData('text', {json.dumps(text)});"
        f"by('p{place}').dispatchEvent(new ClipboardEvent('paste',"
        " { clipboardData: data, cancelable: true })); })();"
    )


LOOK = """
const look = (i) => ({
  value: by(`p${i}`).value,
  hint: by(`p${i}-hint`).textContent,
  invalid: by(`p${i}`).getAttribute("aria-invalid"),
  state: by("state").textContent,
});
"""


def test_fields_as_in_the_nomogram(model, fields):
    nomogram = Nomogram.from_estimator(model.pipeline)
    assert list(fields) == [axis.name for axis in nomogram.predictors]
    for axis, field in zip(
        nomogram.predictors, page_data(model)["predictors"], strict=True
    ):
        if axis.kind == "categorical" or axis.name != "pain":
            np.testing.assert_allclose(field["points"], axis.points, atol=1e-9)
            assert field["ticks"] == axis.ticks.tolist()


def test_levels_in_the_order_of_training_the_reference_first(page, fields):
    def options(name):
        found = re.search(rf'<select id="p{fields[name]}".*?</select>', page, re.S)
        return re.findall(r"<option[^>]*>(.*?)</option>", found.group())[1:]

    assert options("stage") == STAGES
    assert options("grade") == GRADES
    assert options("smoker") == ["no", "yes"]
    assert options("pain") == ["0", "1"]


def test_a_reference_of_ones_own_comes_first(tmp_path):
    X, y = combined_data()
    encoder = OneHotEncoder(drop=["III"], sparse_output=False)
    columns = ColumnTransformer([("stage", encoder, ["stage"])])
    classifier = NomogramClassifier(penalty="none")
    save_model(tmp_path / "m.json", make_pipeline(columns, classifier).fit(X, y))
    (field,) = page_data(ModelFile.read(tmp_path / "m.json"))["predictors"]
    assert [choice["text"] for choice in field["choices"]] == ["III", "I", "II"]
    assert field["choices"][0]["effect"] == 0


def test_missing_values_that_were_a_level_can_be_chosen(tmp_path):
    X, y = combined_data()
    encoder = OneHotEncoder(drop="first", sparse_output=False)
    columns = ColumnTransformer([("smoker", encoder, ["smoker"])])
    classifier = NomogramClassifier(penalty="none")
    save_model(tmp_path / "m.json", make_pipeline(columns, classifier).fit(X, y))
    (field,) = page_data(ModelFile.read(tmp_path / "m.json"))["predictors"]
    assert [c["text"] for c in field["choices"]] == ["no", "yes", "not known"]
    assert field["ticks"] == ["no", "yes", "not known"]


def test_every_field_of_the_panel_has_a_label(page):
    elements = Elements(page).found
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(ids) == len(set(ids))
    labelled = {a["for"] for tag, a in elements if tag == "label"}
    typed = [a for tag, a in elements if tag == "input" and a["type"] == "text"]
    assert {a["id"] for a in typed} <= labelled
    assert any(re.fullmatch(r"p\d+f\d+", a["id"]) for a in typed)
    (panel,) = [a for tag, a in elements if tag == "details"]
    assert "open" not in panel
    assert not [a for tag, a in elements if a.get("type") == "number"]


@needs_chromium
def test_200_patients_get_the_probability_of_python(model, page, tmp_path):
    rng = np.random.default_rng(3)
    X, _ = combined_data(seed=7, n=200)
    X["age"] += rng.normal(0, 30, 200)
    X["size"] += rng.normal(0, 10, 200)
    X["dose"] = X["dose"].fillna(55.0)
    X["smoker"] = X["smoker"].fillna("yes")
    nomogram = Nomogram.from_estimator(model.pipeline)
    values = nomogram.values(X)
    typed = []
    for field in page_data(model)["predictors"]:
        column = values[field["name"]].tolist()
        texts = [choice["text"] for choice in field["choices"]]
        if texts:
            typed.append([str(texts.index(f"{v}")) for v in column])
        else:
            commas = rng.random(200) < 0.5
            typed.append(
                [
                    repr(float(v)).replace(".", "," if c else ".")
                    for v, c in zip(column, commas, strict=True)
                ]
            )
    rows = [list(row) for row in zip(*typed, strict=True)]
    script = (
        f"const rows = {json.dumps(rows)};"
        + """
    report(rows.map((row) => {
      row.forEach((text, i) => { by(`p${i}`).value = text; });
      set(0, row[0]);
      return ["probability", "score", "total"].map((id) => by(id).dataset.value);
    }));
    """
    )
    found = np.array(drive(page, script, tmp_path), dtype=float)
    expected = model.pipeline.predict_proba(X)[:, 1]
    np.testing.assert_allclose(found[:, 0], expected, rtol=0, atol=1e-12)
    totals = nomogram.points(values)["total"]
    np.testing.assert_allclose(found[:, 2], totals, rtol=1e-10, atol=1e-8)


NUMBERS = {
    "0,35": 0.35,
    "0.35": 0.35,
    ",35": 0.35,
    "−1,5": -1.5,
    "-2": -2,
    " 12 ": 12,
    "1,234": 1.234,
    "1e-3": 0.001,
    "1.234,5": None,
    "1,234.5": None,
    "1.234.567": None,
    "1 234": None,
    "1'234": None,
    "old": None,
    "1e999": None,
    "0x10": None,
    "Infinity": None,
    "12 mm": None,
}


@needs_chromium
def test_both_decimal_marks_and_no_other(page, fields, tmp_path):
    script = f"{LOOK} by('middle').click(); const i = {fields['age']};" + (
        f"report({json.dumps(list(NUMBERS))}.map((text) => {{"
        " set(i, text);"
        " return [look(i), by(`p${i}-slider`).getAttribute('aria-valuetext')]; }));"
    )
    seen = drive(page, script, tmp_path)
    for (text, value), (look, read) in zip(NUMBERS.items(), seen, strict=True):
        if value is not None:
            assert float(read) == value, text
            assert ("read as" in look["hint"]) == ("," in text)
            assert look["invalid"] == "false"
        else:
            assert read == "not set" and look["invalid"] == "true"
            marks = re.match(r"\d+[., ']\d{3}", text) is not None
            assert ("More than one mark" in look["hint"]) == marks, text
            assert look["state"].endswith("still to be entered: age.")


@needs_chromium
def test_what_is_missing_is_named(page, fields, tmp_path):
    places = [fields["stage"], fields[SCORE]]
    script = "by('middle').click();" + "".join(f"set({i}, '');" for i in places)
    script += "report([by('state').textContent, by('probability').textContent]);"
    state, probability = drive(page, script, tmp_path)
    names = sorted(["stage", SCORE], key=fields.get)
    assert state == f"2 of 8 values are still to be entered: {', '.join(names)}."
    assert probability == "–"


@needs_chromium
def test_texture_features_give_the_score(model, page, fields, tmp_path):
    X, _ = combined_data(seed=11, n=1)
    (panel,) = [p["score"] for p in page_data(model)["predictors"] if p["score"]]
    names = [p["name"] for p in panel["predictors"]]
    assert 0 < len(names) <= 6 and set(names) < set(FEATURES)
    place = fields[SCORE]
    typed = [repr(float(X[name].iloc[0])) for name in names]
    script = (
        LOOK
        + f"const i = {place}; const typed = {json.dumps(typed)};"
        + """
    const part = (j, text) => {
      by(`p${i}f${j}`).value = text;
      by(`p${i}f${j}`).dispatchEvent(new Event("input"));
    };
    const take = by(`p${i}-take`);
    const before = [take.disabled, by(`p${i}-computed`).textContent];
    typed.forEach((text, j) => part(j, text));
    take.click();
    const after = [look(i), by(`p${i}-computed`).textContent];
    part(0, "1.234,5");
    const wrong = [take.disabled, by(`p${i}f0-hint`).textContent];
    by("clear").click();
    report({ before, after, wrong, cleared: by(`p${i}f0`).value });
    """
    )
    seen = drive(page, script, tmp_path)
    assert seen["before"] == [True, f"Still to be entered: {', '.join(names)}."]
    score = model.pipeline[0].named_transformers_["score"].transform(X[FEATURES])
    expected = float(np.ravel(score)[0])
    found, shown = seen["after"]
    np.testing.assert_allclose(float(found["value"]), expected, rtol=1e-12)
    assert "computed from the texture features" in found["hint"]
    assert shown == f"Score {expected:.4f}".replace("-", "−")
    assert seen["wrong"][0] and "More than one mark" in seen["wrong"][1]
    assert seen["cleared"] == ""


@needs_chromium
def test_a_line_of_scores_is_pasted(model, page, fields, tmp_path):
    X, _ = combined_data(seed=11, n=4)
    X["age"] += [0, 0, 0, 70]  # a flag, with separators in it
    table, lines = scores_csv(model, X, tmp_path)
    inner = model.pipeline[0].named_transformers_["score"].estimator_
    save_model(tmp_path / "score.json", inner)
    (tmp_path / "inner").mkdir()
    own, own_lines = scores_csv(
        ModelFile.read(tmp_path / "score.json"), X, tmp_path / "inner"
    )
    as_excel = lines[2].replace(",", ";").replace(".", ",")
    texts = {
        "a line": (lines[1], table[SCORE].iloc[0]),
        "with its header": (f"{lines[0]}\n{lines[2]}\n", table[SCORE].iloc[1]),
        "with flags": (lines[4], table[SCORE].iloc[3]),
        "tabs and commas": (as_excel.replace(";", "\t"), table[SCORE].iloc[1]),
        "semicolons": (as_excel, table[SCORE].iloc[1]),
        "of the score's model": (own_lines[1], own["score"].iloc[0]),
        "without a patient": (own_lines[2].replace(",P1,", ","), own["score"].iloc[1]),
        "another model": ("L1,P1,0.5,0.6224593312018546,ORN,,1.0", None),
        "two lines": ("\n".join(lines[:3]), None),
        "another table": ("a,b,c,d,e,f", None),
        "a changed score": (re.sub(r"^([^,]*,[^,]*),", r"\1,9", lines[1]), None),
    }
    place = fields[SCORE]
    script = f"{LOOK} const seen = [];" + "".join(
        f"{paste(place, text)} seen.push(look({place}));" for text, _ in texts.values()
    )
    seen = drive(page, f"{script} report(seen);", tmp_path)
    for (name, (_, value)), look in zip(texts.items(), seen, strict=True):
        if value is None:
            assert look["value"] == "" and "Not a line of scores.csv" in look["hint"], (
                name
            )
        else:
            np.testing.assert_allclose(
                float(look["value"]), value, rtol=1e-9, err_msg=name
            )
            assert "score of lesion" in look["hint"], name


@needs_chromium
def test_a_column_of_scores_takes_a_line_too(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(80, 2)), columns=["Radscore", "age"])
    y = (X["Radscore"] + rng.normal(size=80) > 0).astype(int)
    model = make_pipeline(SimpleImputer(), NomogramClassifier(penalty="none"))
    model.set_output(transform="pandas").fit(X, y)
    save_model(tmp_path / "m.json", model, class_names=("no", "yes"))
    read = ModelFile.read(tmp_path / "m.json")
    _, own = scores_csv(read, X.iloc[:2], tmp_path)
    line = "L7,1.5,0.8175744761936437,yes,,0.3,0.2,0.1"
    script = LOOK + paste(0, line) + "const first = look(0);" + paste(0, own[1])
    script += "report([first, look(0)]);"
    first, second = drive(calculator_page(read), script, tmp_path)
    assert first["value"] == "1.5" and "score of lesion L7" in first["hint"]
    assert float(second["value"]) == X["Radscore"].iloc[0]


@needs_chromium
@pytest.mark.parametrize("opened", [False, True])
def test_a_phone_shows_the_whole_page(opened, page, tmp_path):
    script = f"""
    by("middle").click();
    document.querySelector("details").open = {str(opened).lower()};
    report({{
      page: document.documentElement.scrollWidth,
      window: window.innerWidth,
      svg: by("nomogram").firstChild.getBoundingClientRect().right,
    }});
    """
    seen = drive(page, script, tmp_path, frame=360)
    assert seen["page"] <= seen["window"] == 360
    assert seen["svg"] <= 360


@needs_chromium
def test_the_axes_have_all_levels(page, tmp_path):
    script = """
    report([...document.querySelectorAll("svg .tick-text")].map((x) => x.textContent));
    """
    texts = drive(page, script, tmp_path)
    assert set(STAGES) | set(GRADES) | {"no", "yes"} <= set(texts)


@needs_chromium
def test_levels_stay_texts(tmp_path):
    rng = np.random.default_rng(0)
    levels = [*EVIL, "x" * 200]
    X = pd.DataFrame({"level": rng.choice(levels, 210), EVIL[1]: rng.normal(size=210)})
    y = (X[EVIL[1]] + X["level"].map(len) / 50 + rng.normal(size=210) > 1).astype(int)
    encoder = OneHotEncoder(categories=[levels], drop="first", sparse_output=False)
    columns = ColumnTransformer(
        [("level", encoder, ["level"]), ("rest", "passthrough", [EVIL[1]])]
    )
    model = make_pipeline(columns, NomogramClassifier(penalty="firth")).fit(X, y)
    save_model(tmp_path / "m.json", model, training=X)
    page = calculator_page(ModelFile.read(tmp_path / "m.json"))
    assert [tag for tag, _ in Elements(page).found].count("script") == 2
    script = """
    set(0, "1"); set(1, "0,5");
    report({
      evil: window.evil === undefined && document.images.length === 0,
      options: [...by("p0").options].map((x) => x.textContent).slice(1),
      ticks: [...document.querySelectorAll("svg .tick-text")].map((x) => x.textContent),
      page: document.documentElement.scrollWidth,
    });
    """
    seen = drive(page, script, tmp_path, frame=360)
    assert seen["evil"] and seen["options"] == levels
    assert set(levels) <= set(seen["ticks"])
    assert seen["page"] <= 360
