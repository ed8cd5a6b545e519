"""The fitted model at work: its file, new patients, calculator, DICOM results."""

from sklearn_orn._renamed import keep_old_names
from sklearn_orn.deploy._calculator import calculator_page
from sklearn_orn.deploy._dicom_results import write_measurements, write_segmentation
from sklearn_orn.deploy._measuring import measuring_steps
from sklearn_orn.deploy._model_file import ModelFile, load_model, save_model
from sklearn_orn.deploy._new_cohort import read_new_cohort
from sklearn_orn.deploy._predict import predict_cohort
from sklearn_orn.deploy._training import table_hash

__all__ = [
    "ModelFile",
    "calculator_page",
    "load_model",
    "measuring_steps",
    "predict_cohort",
    "read_new_cohort",
    "save_model",
    "table_hash",
    "write_measurements",
    "write_segmentation",
]

keep_old_names(__name__)
