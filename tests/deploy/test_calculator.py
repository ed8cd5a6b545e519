import dataclasses
import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_orn import NomogramClassifier, cli
from sklearn_orn.deploy import ModelFile, calculator_page, save_model
from sklearn_orn.deploy._calculator_data import page_data
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.model import Nomogram
from tests.deploy._chromium import drive, dump_dom, needs_chromium

EVIL = [
    "</script><script>window.evil=1</script>",
    '"><img src=x onerror="window.evil=1">',
    "'; window.evil=1; //",
    "<!--<script>",
    "Größe µm² \u2028 質感",
    "a & b &lt; {{ 7*7 }} ${7*7}",
]


def simple_model(folder, names, seed=0, **settings):
    """A model with a coefficient for every name."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(60, len(names))), columns=list(names))
    y = (X.iloc[:, 0] + rng.normal(size=60) > 0).astype(int)
    X *= 10.0 ** rng.integers(-3, 4, len(names))
    settings = {"penalty": "none", "threshold": "youden"} | settings
    model = make_pipeline(NomogramClassifier(**settings)).fit(X, y)
    save_model(folder / "simple.json", model, class_names=("no", "yes"))
    return ModelFile.read(folder / "simple.json"), X


class Elements(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_command(stored, tmp_path, capsys):
    out = tmp_path / "new" / "calculator.html"
    assert cli.main(["calculator", str(stored["mixed"]), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"Calculator: {out}\n"
    page = out.read_text(encoding="utf-8")
    assert len(page.encode()) < 200_000
    assert "Not a medical device" in page
    assert "A mixed" in page


@pytest.mark.parametrize("name", ["features", "mixed"])
def test_the_page_loads_nothing(name, stored_model):
    page = calculator_page(stored_model(name))
    for tag, attributes in Elements(page).found:
        assert not {"src", "href", "action", "srcset"} & set(attributes), tag
        assert not any(key.startswith("on") for key in attributes), tag
    assert "default-src 'none'" in page
    for word in (
        "fetch(",
        "XMLHttp",
        "import(",
        "eval(",
        "innerHTML",
        "url(",
        "Storage",
    ):
        assert word not in page
    addresses = set(re.findall(r"https?://[^\"\s]*", page))
    assert addresses == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", ["features", "mixed"])
def test_every_field_has_a_label(name, stored_model):
    elements = Elements(calculator_page(stored_model(name))).found
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(ids) == len(set(ids))
    labelled = {a["for"] for tag, a in elements if tag == "label"}
    for tag, attributes in elements:
        if tag in ("input", "select"):
            assert attributes["id"] in labelled or attributes["aria-label"]
            assert attributes.get("aria-describedby", ids[0]) in ids
    assert any(a.get("aria-live") == "polite" for _, a in elements)
    assert ("html", {"lang": "en"}) in elements


def test_provenance(stored_model):
    model = stored_model("mixed")
    text = html.unescape(calculator_page(model))
    for words in (
        "1st to 99th percentile of the region",
        "run-length 6, gradient 5",
        "A, B",
        "0.5 × 0.5 mm",
        "with ICC(2,1) above 0.5",
        model.sha256,
        model.training.table_sha256,
        f"scikit-learn {model.versions['scikit-learn']}",
    ):
        assert words in text


def test_provenance_of_a_score(stored_model):
    text = html.unescape(calculator_page(stored_model("image_score")))
    score = stored_model("image_score").pipeline[0].named_transformers_["score"]
    n = np.count_nonzero(score.estimator_[-1].coef_)
    for words in (
        "1st to 99th percentile of the region",
        "0.5 × 0.5 mm",
        "with ICC(2,1) above 0.5",
        "3 of 3 candidates",
        f"{n} of 6 candidate features, LASSO, lambda 0.02; cross-fitted in training",
    ):
        assert words in text, words


def test_names_lose_the_prefix_of_the_column_transformer(stored_model):
    page = calculator_page(stored_model("mixed"))
    labels = re.findall(r"<label[^>]*>(.*?)</label>", page)
    assert {"age", "pain"} <= set(labels)


def test_only_codes_are_chosen_from_a_list(stored_model):
    model = stored_model("mixed")
    page = calculator_page(model)
    assert page.count("<select") == 1
    values = {"pain": (0.0, 66.0)}
    training = dataclasses.replace(model.training, values=values)
    page = calculator_page(dataclasses.replace(model, training=training))
    assert "<select" not in page


def test_a_model_without_predictors_is_refused(stored_model):
    model = stored_model("features")
    model.classifier.coef_[:] = 0
    with pytest.raises(ModelFileError, match="everyone the same probability"):
        calculator_page(model)


def test_texts_stay_texts(tmp_path):
    model, _ = simple_model(tmp_path, EVIL)
    page = calculator_page(dataclasses.replace(model, title=EVIL[0]))
    tags = [tag for tag, _ in Elements(page).found]
    assert tags.count("script") == 2
    assert "img" not in tags
    data = re.search(r'id="model">(.*?)</script>', page, re.S).group(1)
    assert [p["name"] for p in json.loads(data)["predictors"]] == EVIL
    assert not set(data) & set("<>&\u2028")


@needs_chromium
def test_texts_stay_texts_in_a_browser(tmp_path):
    model, _ = simple_model(tmp_path, EVIL)
    page = calculator_page(dataclasses.replace(model, title=EVIL[0]))
    script = """
    for (let i = 0; i < 6; i++) set(i, 0);
    report({
      evil: window.evil === undefined,
      images: document.images.length,
      labels: [...document.querySelectorAll("label")].map((x) => x.textContent),
      axes: [...document.querySelectorAll("svg title")].map((x) => x.textContent),
      title: document.title,
    });
    """
    seen = drive(page, script, tmp_path)
    assert seen["evil"] and seen["images"] == 0
    assert seen["labels"] == EVIL
    assert seen["axes"][1:-2] == EVIL
    assert seen["title"] == EVIL[0]


@needs_chromium
def test_the_page_runs_under_its_own_policy(stored_model, tmp_path):
    (tmp_path / "page.html").write_text(
        calculator_page(stored_model("features")), encoding="utf-8"
    )
    dom = dump_dom(tmp_path / "page.html", tmp_path / "profile")
    assert '<svg viewBox="' in dom
    assert "values are still to be entered" in dom


@needs_chromium
@pytest.mark.parametrize("n_predictors", [1, 7])
def test_200_patients_get_the_probability_of_python(n_predictors, tmp_path):
    names = [f"S({i},0)Contrast" for i in range(n_predictors)]
    model, X = simple_model(tmp_path, names, seed=n_predictors)
    rng = np.random.default_rng(5)
    low, high = X.min().to_numpy(), X.max().to_numpy()
    patients = low + (high - low) * rng.uniform(-0.5, 1.5, (200, n_predictors))
    script = (
        f"const patients = {json.dumps(patients.tolist())};"
        + """
    report(patients.map((values) => {
      values.forEach((value, i) => { by(`p${i}`).value = String(value); });
      set(0, String(values[0]));
      return ["probability", "score", "total", "decision"].map(
        (id) => by(id).dataset.value
      );
    }));
    """
    )
    seen = drive(calculator_page(model), script, tmp_path)
    found = np.array([[float(x) for x in row[:3]] for row in seen])
    table = pd.DataFrame(patients, columns=names)
    clf = model.classifier
    expected = model.pipeline.predict_proba(table)[:, 1]
    np.testing.assert_allclose(found[:, 0], expected, rtol=0, atol=1e-12)
    score = clf.decision_function(table)
    np.testing.assert_allclose(found[:, 1], score, rtol=1e-12, atol=1e-12)
    points = Nomogram.from_coefficients(
        dict(zip(names, clf.coef_[0], strict=True)),
        clf.intercept_[0],
        dict(zip(names, clf.feature_ranges_.T.tolist(), strict=True)),
    ).points(table)["total"]
    np.testing.assert_allclose(found[:, 2], points, rtol=1e-10, atol=1e-9)
    labels = [model.class_names[i] for i in model.pipeline.predict(table)]
    assert [row[3] for row in seen] == labels
    assert 20 < labels.count("yes") < 180


@needs_chromium
def test_what_the_user_sees(stored_model, tmp_path):
    model = stored_model("mixed")
    script = """
    const seen = [];
    const look = () => seen.push({
      probability: by("probability").textContent,
      state: by("state").textContent,
      marks: document.querySelectorAll("svg .mark").length,
      hint: by("p0-hint").textContent,
      field: by("p0").value,
      value: by("p0-slider").getAttribute("aria-valuetext"),
    });
    look();
    by("middle").click();
    look();
    by("p0-slider").value = 200;
    by("p0-slider").dispatchEvent(new Event("input"));
    look();
    set(0, "1e9");
    look();
    by("clear").click();
    look();
    const focus = document.activeElement.id;
    by("middle").click();
    setTimeout(() => {
      report({ seen, focus, said: by("announcement").textContent });
    }, 1500);
    """
    result = drive(calculator_page(model), script, tmp_path)
    empty, middle, end, far, cleared = result["seen"]
    n = len(re.findall("<label", calculator_page(model)))
    assert empty["probability"] == "–" and empty["marks"] == 0
    names = [p["label"] for p in page_data(model)["predictors"]]
    assert empty["state"] == (
        f"{n} of {n} values are still to be entered: {', '.join(names)}."
    )
    assert empty["value"] == "not set"
    assert re.fullmatch(r"[<>]?0\.\d+", middle["probability"])
    assert middle["state"] == "" and middle["marks"] == n + 2
    used = np.flatnonzero(model.classifier.coef_[0])[0]
    assert float(end["field"]) == model.classifier.feature_ranges_[1, used]
    assert end["state"] == ""
    assert "1 value lies outside the training range" in far["state"]
    assert "above it" in far["hint"]
    assert cleared == empty and result["focus"] == "p0"
    assert "Probability of True" in result["said"]


@needs_chromium
@pytest.mark.parametrize("names", [["Mean"], ["x" * 300, "a b " * 60, *EVIL]])
def test_a_phone_shows_the_whole_page(names, tmp_path):
    model, _ = simple_model(tmp_path, names)
    script = """
    by("middle").click();
    report({
      page: document.documentElement.scrollWidth,
      window: window.innerWidth,
      svg: by("nomogram").firstChild.getBoundingClientRect().right,
    });
    """
    seen = drive(calculator_page(model), script, tmp_path, frame=360)
    assert seen["page"] <= seen["window"] == 360
    assert seen["svg"] <= 360
