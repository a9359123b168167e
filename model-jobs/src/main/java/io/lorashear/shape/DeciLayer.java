package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One layer under {@link Deci}: what it can lose and what it has lost. */
final class DeciLayer {
  /**
   * Its attention or its MLP.
   *
   * @param there whether the layer has it
   * @param axis its axis; null if it may lose nothing
   * @param parameters number of parameters of the whole part
   */
  record Part(boolean there, @Nullable Candidates axis, long parameters) {
    static final Part GONE = new Part(false, null, 0);

    double salience() {
      return axis == null
          ? 0
          : axis.cost()
              * axis.eligible().indices(axis.name()).stream()
                  .mapToDouble(g -> axis.scores()[g])
                  .sum();
    }

    boolean mayGo() {
      return axis != null && axis.width() > 0;
    }
  }

  /** A possible next removal: its parameters, its saliency per parameter, and the action. */
  record Option(long cost, double score, Runnable take) {}

  private final Part attention;
  private final Part mlp;
  private final @Nullable Steps channels;
  private final boolean attentionGoes;
  private final boolean layerGoes;
  private boolean withoutAttention;
  private boolean withoutMlp;

  /**
   * A complete layer.
   *
   * @param attentionGoes whether its attention may be removed
   * @param layerGoes whether its MLP may be removed with or after its attention
   */
  DeciLayer(Part attention, Part mlp, boolean attentionGoes, boolean layerGoes, int multiple) {
    this.attention = attention;
    this.mlp = mlp;
    var axis = mlp.axis();
    this.channels = axis != null && axis.width() > 0 ? new Steps(axis, multiple) : null;
    this.attentionGoes = attentionGoes;
    this.layerGoes = layerGoes;
  }

  /** The step that is due because the MLP's width is not a multiple. */
  Optional<Option> due() {
    return channels != null && channels.due() ? step(channels) : Optional.empty();
  }

  /** All possible next removals. */
  Stream<Option> options() {
    var step = channels == null || withoutMlp ? Optional.<Option>empty() : step(channels);
    return Stream.of(step, attention(), layer()).flatMap(Optional::stream);
  }

  private static Optional<Option> step(Steps channels) {
    return channels.next() == 0
        ? Optional.empty()
        : Optional.of(new Option(channels.cost(), channels.score(), channels::take));
  }

  private Optional<Option> attention() {
    if (!attentionGoes || !attends() || !attention.mayGo()) {
      return Optional.empty();
    }
    double score = attention.salience() / attention.parameters();
    return Optional.of(new Option(attention.parameters(), score, () -> withoutAttention = true));
  }

  private Optional<Option> layer() {
    if (!layerGoes || channels == null || withoutMlp || attends() && !attention.mayGo()) {
      return Optional.empty();
    }
    var axis = channels.axis();
    int before = axis.axis().size() - axis.width() + channels.taken(); // channels that have gone
    double rest = channels.salience(axis.width()) - channels.salience(channels.taken());
    long cost = mlp.parameters() - before * axis.cost() + (attends() ? attention.parameters() : 0);
    double salience = rest + (attends() ? attention.salience() : 0);
    return Optional.of(new Option(cost, salience / cost, this::goWhole));
  }

  private void goWhole() {
    withoutAttention = true;
    withoutMlp = true;
  }

  private boolean attends() {
    return attention.there() && !withoutAttention;
  }

  /** The removed groups of attention and MLP. */
  Stream<Groups> gone() {
    var gone = Stream.<Groups>builder();
    var heads = attention.axis();
    if (withoutAttention && heads != null) {
      gone.add(heads.groups());
    }
    if (channels != null) {
      gone.add(channels.least(withoutMlp ? channels.axis().width() : channels.taken()));
    }
    return gone.build();
  }
}
