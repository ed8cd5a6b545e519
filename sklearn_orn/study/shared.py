"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.study._clinical_kinds import ClinicalKinds as ClinicalKinds
from sklearn_orn.study._evaluation import fit_table as fit_table
from sklearn_orn.study._extraction import LeftOut as LeftOut
from sklearn_orn.study._extraction import caught_warnings as caught_warnings
from sklearn_orn.study._extraction import extract_rows as extract_rows
from sklearn_orn.study._extraction import feature_table as feature_table
from sklearn_orn.study._extraction import unique_texts as unique_texts
from sklearn_orn.study._feature_columns import LEFT_OUT as LEFT_OUT
from sklearn_orn.study._feature_columns import choose_columns as choose_columns
from sklearn_orn.study._feature_columns import left_out_text as left_out_text
from sklearn_orn.study._feature_source import read_feature_table as read_feature_table
from sklearn_orn.study._folder import StudyFolder as StudyFolder
from sklearn_orn.study._json_csv import make_folder as make_folder
from sklearn_orn.study._json_csv import write_csv as write_csv
from sklearn_orn.study._json_csv import write_json as write_json
from sklearn_orn.study._new_study_file import CONFIRM as CONFIRM
from sklearn_orn.study._new_study_file import study_file_text as study_file_text
from sklearn_orn.study._plan import plan_study as plan_study
from sklearn_orn.study._published import PublishedValidation as PublishedValidation
from sklearn_orn.study._published import has_images as has_images
from sklearn_orn.study._published import score_published as score_published
from sklearn_orn.study._published import validate_published as validate_published
from sklearn_orn.study._radiomics_pipeline import (
    radiomics_pipeline as radiomics_pipeline,
)
from sklearn_orn.study._run import FITTING as FITTING
from sklearn_orn.study._streamed_extraction import stream_features as stream_features
from sklearn_orn.study._study import StudyResult as StudyResult
from sklearn_orn.study._study_file import make_config as make_config
from sklearn_orn.study._study_file import parsed_yaml as parsed_yaml
from sklearn_orn.study._summary import summary_text as summary_text
from sklearn_orn.study.baseline._group_tests import freeman_halton as freeman_halton
