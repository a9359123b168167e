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
 * A question to an operator: one method each, and none that answers for all others. A new operator
 * compiles when every reading has an answer for it.
 *
 * @param <R> the answer
 */
public interface Reading<R> {

  /** Of an {@link Embedding}. */
  R embedding(Embedding embedding);

  /** Of a {@link PositionEmbedding}. */
  R positionEmbedding(PositionEmbedding positionEmbedding);

  /** Of a {@link Linear}. */
  R linear(Linear linear);

  /** Of a {@link MaskedLinear}. */
  R maskedLinear(MaskedLinear maskedLinear);

  /** Of an {@link Add}. */
  R add(Add add);

  /** Of a {@link Multiply}. */
  R multiply(Multiply multiply);

  /** Of a {@link Scale}. */
  R scale(Scale scale);

  /** Of a {@link RootScale}. */
  R rootScale(RootScale rootScale);

  /** Of a {@link Route}. */
  R route(Route route);

  /** Of a {@link Dispatch}. */
  R dispatch(Dispatch dispatch);

  /** Of a {@link Collect}. */
  R collect(Collect collect);

  /** Of an {@link Activate}. */
  R activate(Activate activate);

  /** Of a {@link RmsNorm}. */
  R rmsNorm(RmsNorm rmsNorm);

  /** Of a {@link LayerNorm}. */
  R layerNorm(LayerNorm layerNorm);

  /** Of a {@link SplitHeads}. */
  R splitHeads(SplitHeads splitHeads);

  /** Of a {@link MergeHeads}. */
  R mergeHeads(MergeHeads mergeHeads);

  /** Of a {@link Rotary}. */
  R rotary(Rotary rotary);

  /** Of an {@link Attention}. */
  R attention(Attention attention);

  /** Of a {@link Part}. */
  R part(Part part);
}
