"""Items, forms and scoring, and the responses of confidential evaluations. Knows no person."""
