package io.lorashear.graph;

import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Add;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Collect;
import io.lorashear.graph.Operator.Dispatch;
import io.lorashear.graph.Operator.Embedding;
import io.lorashear.graph.Operator.LayerNorm;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.MaskedLinear;
import io.lorashear.graph.Operator.MergeHeads;
import io.lorashear.graph.Operator.Multiply;
import io.lorashear.graph.Operator.Part;
import io.lorashear.graph.Operator.PositionEmbedding;
import io.lorashear.graph.Operator.RmsNorm;
import io.lorashear.graph.Operator.RootScale;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.Operator.Route;
import io.lorashear.graph.Operator.Scale;
import io.lorashear.graph.Operator.SplitHeads;

/**
 * A visitor of operators: one method for each, and no default method. After an operator is added,
 * code compiles only when every visitor handles it.
 *
 * @param <R> the type of result
 */
public interface Reading<R> {

  /** For an {@link Embedding}. */
  R embedding(Embedding embedding);

  /** For a {@link PositionEmbedding}. */
  R positionEmbedding(PositionEmbedding positionEmbedding);

  /** For a {@link Linear}. */
  R linear(Linear linear);

  /** For a {@link MaskedLinear}. */
  R maskedLinear(MaskedLinear maskedLinear);

  /** For an {@link Add}. */
  R add(Add add);

  /** For a {@link Multiply}. */
  R multiply(Multiply multiply);

  /** For a {@link Scale}. */
  R scale(Scale scale);

  /** For a {@link RootScale}. */
  R rootScale(RootScale rootScale);

  /** For a {@link Route}. */
  R route(Route route);

  /** For a {@link Dispatch}. */
  R dispatch(Dispatch dispatch);

  /** For a {@link Collect}. */
  R collect(Collect collect);

  /** For an {@link Activate}. */
  R activate(Activate activate);

  /** For a {@link RmsNorm}. */
  R rmsNorm(RmsNorm rmsNorm);

  /** For a {@link LayerNorm}. */
  R layerNorm(LayerNorm layerNorm);

  /** For a {@link SplitHeads}. */
  R splitHeads(SplitHeads splitHeads);

  /** For a {@link MergeHeads}. */
  R mergeHeads(MergeHeads mergeHeads);

  /** For a {@link Rotary}. */
  R rotary(Rotary rotary);

  /** For an {@link Attention}. */
  R attention(Attention attention);

  /** For a {@link Part}. */
  R part(Part part);
}
