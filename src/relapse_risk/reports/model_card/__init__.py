"""What a trained model is, what it was made from, how good it is, and what it must not be used for."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.reports.model_card.card_in_words import model_card_document, write_model_card
    from relapse_risk.reports.model_card.model_card_report import ModelCard, ModelInput
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["ModelCard", "ModelInput", "model_card_document", "write_model_card"]
