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
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Finds the operators of one kind and ignores the others. Code that must handle the others too uses
 * {@link Reading} or {@link OperatorKind}.
 *
 * @param <O> the kind
 */
public abstract class Sought<O extends Operator> implements Reading<Optional<O>> {
  public static final Sought<Embedding> EMBEDDING =
      new Sought<>() {
        @Override
        public Optional<Embedding> embedding(Embedding embedding) {
          return Optional.of(embedding);
        }
      };

  public static final Sought<PositionEmbedding> POSITION_EMBEDDING =
      new Sought<>() {
        @Override
        public Optional<PositionEmbedding> positionEmbedding(PositionEmbedding positionEmbedding) {
          return Optional.of(positionEmbedding);
        }
      };

  public static final Sought<Linear> LINEAR =
      new Sought<>() {
        @Override
        public Optional<Linear> linear(Linear linear) {
          return Optional.of(linear);
        }
      };

  public static final Sought<Add> ADD =
      new Sought<>() {
        @Override
        public Optional<Add> add(Add add) {
          return Optional.of(add);
        }
      };

  public static final Sought<Scale> SCALE =
      new Sought<>() {
        @Override
        public Optional<Scale> scale(Scale scale) {
          return Optional.of(scale);
        }
      };

  public static final Sought<Route> ROUTE =
      new Sought<>() {
        @Override
        public Optional<Route> route(Route route) {
          return Optional.of(route);
        }
      };

  public static final Sought<Dispatch> DISPATCH =
      new Sought<>() {
        @Override
        public Optional<Dispatch> dispatch(Dispatch dispatch) {
          return Optional.of(dispatch);
        }
      };

  public static final Sought<Collect> COLLECT =
      new Sought<>() {
        @Override
        public Optional<Collect> collect(Collect collect) {
          return Optional.of(collect);
        }
      };

  public static final Sought<Activate> ACTIVATE =
      new Sought<>() {
        @Override
        public Optional<Activate> activate(Activate activate) {
          return Optional.of(activate);
        }
      };

  public static final Sought<RmsNorm> RMS_NORM =
      new Sought<>() {
        @Override
        public Optional<RmsNorm> rmsNorm(RmsNorm rmsNorm) {
          return Optional.of(rmsNorm);
        }
      };

  public static final Sought<LayerNorm> LAYER_NORM =
      new Sought<>() {
        @Override
        public Optional<LayerNorm> layerNorm(LayerNorm layerNorm) {
          return Optional.of(layerNorm);
        }
      };

  public static final Sought<Rotary> ROTARY =
      new Sought<>() {
        @Override
        public Optional<Rotary> rotary(Rotary rotary) {
          return Optional.of(rotary);
        }
      };

  public static final Sought<Attention> ATTENTION =
      new Sought<>() {
        @Override
        public Optional<Attention> attention(Attention attention) {
          return Optional.of(attention);
        }
      };

  public static final Sought<Part> PART =
      new Sought<>() {
        @Override
        public Optional<Part> part(Part part) {
          return Optional.of(part);
        }
      };

  private Sought() {}

  /** An operator that was found, and its node. */
  public record Found<O extends Operator>(Node node, O operator) {}

  /** All in a graph, in order of computation. */
  public final List<Found<O>> in(ModelGraph graph) {
    return in(graph.nodes());
  }

  /** All among {@code nodes}, in their order. */
  public final List<Found<O>> in(Collection<Node> nodes) {
    return nodes.stream().flatMap(node -> at(node).stream()).toList();
  }

  private Optional<Found<O>> at(Node node) {
    return of(node).map(operator -> new Found<>(node, operator));
  }

  /** The operator of {@code node} if it is of this kind. */
  public final Optional<O> of(Node node) {
    return node.operator().read(this);
  }

  /** Whether the operator of {@code node} is of this kind. */
  public final boolean isAt(Node node) {
    return of(node).isPresent();
  }

  @Override
  public Optional<O> embedding(Embedding embedding) {
    return Optional.empty();
  }

  @Override
  public Optional<O> positionEmbedding(PositionEmbedding positionEmbedding) {
    return Optional.empty();
  }

  @Override
  public Optional<O> linear(Linear linear) {
    return Optional.empty();
  }

  @Override
  public Optional<O> maskedLinear(MaskedLinear maskedLinear) {
    return Optional.empty();
  }

  @Override
  public Optional<O> add(Add add) {
    return Optional.empty();
  }

  @Override
  public Optional<O> multiply(Multiply multiply) {
    return Optional.empty();
  }

  @Override
  public Optional<O> scale(Scale scale) {
    return Optional.empty();
  }

  @Override
  public Optional<O> rootScale(RootScale rootScale) {
    return Optional.empty();
  }

  @Override
  public Optional<O> route(Route route) {
    return Optional.empty();
  }

  @Override
  public Optional<O> dispatch(Dispatch dispatch) {
    return Optional.empty();
  }

  @Override
  public Optional<O> collect(Collect collect) {
    return Optional.empty();
  }

  @Override
  public Optional<O> activate(Activate activate) {
    return Optional.empty();
  }

  @Override
  public Optional<O> rmsNorm(RmsNorm rmsNorm) {
    return Optional.empty();
  }

  @Override
  public Optional<O> layerNorm(LayerNorm layerNorm) {
    return Optional.empty();
  }

  @Override
  public Optional<O> splitHeads(SplitHeads splitHeads) {
    return Optional.empty();
  }

  @Override
  public Optional<O> mergeHeads(MergeHeads mergeHeads) {
    return Optional.empty();
  }

  @Override
  public Optional<O> rotary(Rotary rotary) {
    return Optional.empty();
  }

  @Override
  public Optional<O> attention(Attention attention) {
    return Optional.empty();
  }

  @Override
  public Optional<O> part(Part part) {
    return Optional.empty();
  }
}
