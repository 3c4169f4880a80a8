"""A page as one would write it first: transformers called directly, Streamlit as it comes.

The peer of `python -m bench.load plain`. The model is loaded once, as every tutorial does;
nothing else is shared, batched, cached or tuned.
"""

from pathlib import Path

import plotly.express as px
import streamlit as st
import torch
from transformers import AutoTokenizer, BertModel

MODEL = Path(__file__).parents[2] / "assets" / "models" / "embedded"


@st.cache_resource
def loaded() -> tuple[AutoTokenizer, BertModel]:
    return (AutoTokenizer.from_pretrained(MODEL),
            BertModel.from_pretrained(MODEL, attn_implementation="eager").eval())


tokenizer, model = loaded()
st.title("Self-attention")
text = st.text_area("Your sentence", "The animal didn't cross the street because it was too tired.",
                    key="text")
layer = st.slider("Layer", 0, model.config.num_hidden_layers - 1, 0, key="layer")
head = st.slider("Head", 0, model.config.num_attention_heads - 1, 0, key="head")
read = tokenizer(text, return_tensors="pt")
with torch.inference_mode():
    weights = model(**read, output_attentions=True).attentions[layer][0, head].numpy()
names = [f"{i} {piece}" for i, piece in
         enumerate(tokenizer.convert_ids_to_tokens(read["input_ids"][0]))]
st.plotly_chart(px.imshow(weights, x=names, y=names))
st.dataframe(weights)
