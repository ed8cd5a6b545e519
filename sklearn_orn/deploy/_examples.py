"""What several examples of this room begin with."""

from sklearn_orn._shared_docs import documented

STORED_MODEL = """\
>>> import tempfile
>>> import numpy as np
>>> import pandas as pd
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn_orn import NomogramClassifier
>>> from sklearn_orn.deploy import ModelFile, save_model
>>> rng = np.random.default_rng(0)
>>> X = pd.DataFrame(rng.normal(size=(60, 2)), columns=["T2", "ADC"])
>>> y = np.where(X["ADC"] > 0, "ORN", "metastasis")
>>> pipeline = make_pipeline(NomogramClassifier(lambda_rule=0.05)).fit(X, y)
>>> with tempfile.TemporaryDirectory() as folder:
...     save_model(f"{folder}/model.json", pipeline)
...     model = ModelFile.read(f"{folder}/model.json")"""

with_stored_model = documented(stored_model=STORED_MODEL)
