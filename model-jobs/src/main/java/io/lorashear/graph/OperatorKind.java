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
 * Kinds of operators, for a {@code switch} that says which of them have a property. A switch
 * expression without {@code default} compiles only if it names them all.
 */
public enum OperatorKind {
  EMBEDDING,
  POSITION_EMBEDDING,
  LINEAR,
  MASKED_LINEAR,
  ADD,
  MULTIPLY,
  SCALE,
  ROOT_SCALE,
  ROUTE,
  DISPATCH,
  COLLECT,
  ACTIVATE,
  RMS_NORM,
  LAYER_NORM,
  SPLIT_HEADS,
  MERGE_HEADS,
  ROTARY,
  ATTENTION,
  PART;

  static final Reading<OperatorKind> READING =
      new Reading<>() {
        @Override
        public OperatorKind embedding(Embedding embedding) {
          return EMBEDDING;
        }

        @Override
        public OperatorKind positionEmbedding(PositionEmbedding positionEmbedding) {
          return POSITION_EMBEDDING;
        }

        @Override
        public OperatorKind linear(Linear linear) {
          return LINEAR;
        }

        @Override
        public OperatorKind maskedLinear(MaskedLinear maskedLinear) {
          return MASKED_LINEAR;
        }

        @Override
        public OperatorKind add(Add add) {
          return ADD;
        }

        @Override
        public OperatorKind multiply(Multiply multiply) {
          return MULTIPLY;
        }

        @Override
        public OperatorKind scale(Scale scale) {
          return SCALE;
        }

        @Override
        public OperatorKind rootScale(RootScale rootScale) {
          return ROOT_SCALE;
        }

        @Override
        public OperatorKind route(Route route) {
          return ROUTE;
        }

        @Override
        public OperatorKind dispatch(Dispatch dispatch) {
          return DISPATCH;
        }

        @Override
        public OperatorKind collect(Collect collect) {
          return COLLECT;
        }

        @Override
        public OperatorKind activate(Activate activate) {
          return ACTIVATE;
        }

        @Override
        public OperatorKind rmsNorm(RmsNorm rmsNorm) {
          return RMS_NORM;
        }

        @Override
        public OperatorKind layerNorm(LayerNorm layerNorm) {
          return LAYER_NORM;
        }

        @Override
        public OperatorKind splitHeads(SplitHeads splitHeads) {
          return SPLIT_HEADS;
        }

        @Override
        public OperatorKind mergeHeads(MergeHeads mergeHeads) {
          return MERGE_HEADS;
        }

        @Override
        public OperatorKind rotary(Rotary rotary) {
          return ROTARY;
        }

        @Override
        public OperatorKind attention(Attention attention) {
          return ATTENTION;
        }

        @Override
        public OperatorKind part(Part part) {
          return PART;
        }
      };
}
