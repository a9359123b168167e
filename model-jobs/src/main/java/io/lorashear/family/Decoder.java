package io.lorashear.family;

import io.lorashear.graph.Activation;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;

/** The parts around the layers, with the weight names of Llama. */
final class Decoder {
  private static final String TABLE = "model.embed_tokens.weight";

  private final ModelConfig config;
  private final GraphBuilder g = new GraphBuilder();

  Decoder(ModelConfig config) {
    this.config = config;
  }

  GraphBuilder g() {
    return g;
  }

  /** The embeddings of the ids: (B, T, hidden). */
  Value embed() {
    return embed(TABLE);
  }

  /** The embeddings of the ids from that table: (B, T, hidden). */
  Value embed(String table) {
    return g.embedding(g.tokens(), table, config.vocabularySize(), config.hiddenSize());
  }

  /** All layers in sequence: (B, T, hidden). */
  Value layers(Value x, Block layer) {
    return layers(x, layer, "model.layers.");
  }

  /** All layers; the names of weights begin with {@code stem} and the layer's number. */
  Value layers(Value x, Block layer, String stem) {
    var y = x;
    for (int index = 0; index < config.layers().size(); index++) {
      var before = y;
      var at = new Layer(g, config, index, stem + index + ".");
      y = g.block("layers." + index, () -> layer.write(at, before)); // (B, T, hidden)
    }
    return y;
  }

  /** The norm before the head: (B, T, hidden). */
  Value norm(Value x, double offset) {
    return g.rmsNorm(x, "model.norm.weight", config.number("rms_norm_eps"), offset);
  }

  /** The head: (B, T, vocabulary). */
  Value head(Value x) {
    return head(x, TABLE, "lm_head.weight");
  }

  /** The head, which uses the embedding's table if they are tied, else the weight {@code own}. */
  Value head(Value x, String table, String own) {
    return g.linear(x, config.tiedEmbeddings() ? table : own, config.vocabularySize());
  }

  /** {@code c · tanh(x/c)}. */
  Value softCap(Value x, double cap) {
    return g.scale(g.activate(g.scale(x, 1 / cap), Activation.TANH), cap);
  }

  /** Embedding, pre-norm layers, norm, head. */
  ModelGraph plain(Block attention, Block mlp) {
    var x = layers(embed(), new PreNorm(attention, mlp, 0)); // (B, T, hidden)
    return g.build(head(norm(x, 0))); // (B, T, vocabulary)
  }
}
