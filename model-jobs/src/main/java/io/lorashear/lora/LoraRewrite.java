package io.lorashear.lora;

import io.lorashear.InputException;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.MaskedLinear;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Adds LoRA pairs to linear layers.
 *
 * <pre>
 *        ┌── W ───────────┐                 add joins B's rows with W's rows,
 *    x ──┤                + ── y            linear joins A's columns with W's columns:
 *        └── A ── B ── ·s ┘                 no rule about LoRA is needed anywhere else
 * </pre>
 */
public final class LoraRewrite {
  private final ModelGraph graph;
  private final Choice choice;
  private final Set<String> masked;
  private final Set<String> tables = new HashSet<>();
  private final List<LoraBinding> bindings = new ArrayList<>();

  private LoraRewrite(ModelGraph graph, Choice choice, Set<String> masked) {
    this.graph = graph;
    this.choice = choice;
    this.masked = masked;
    Sought.EMBEDDING.in(graph).forEach(embedding -> tables.add(embedding.operator().table()));
  }

  /** A graph with pairs, and the weights they belong to. */
  public record LoraGraph(ModelGraph graph, List<LoraBinding> bindings) {}

  /** Chooses the pair for a linear, if it is to have one. */
  @FunctionalInterface
  private interface Choice {
    Optional<LoraPair> of(Node node, Linear linear);
  }

  /** {@link #apply(ModelGraph, LoraSettings, Set)} with no pair masked. */
  public static LoraGraph apply(ModelGraph graph, LoraSettings settings) {
    return apply(graph, settings, Set.of());
  }

  /**
   * Adds pairs of the same rank to the linears that {@code settings} target. A router gets none
   * unless a target names it.
   *
   * @param masked weights whose zeros must stay: their pair's product is masked
   * @throws InputException when a target names no linear, or a tied head
   */
  public static LoraGraph apply(ModelGraph graph, LoraSettings settings, Set<String> masked) {
    var targets = settings.targets();
    var routers = routers(graph);
    var met = new HashSet<String>();
    var rewritten =
        new LoraRewrite(
                graph,
                (node, linear) -> {
                  var word = word(linear);
                  boolean plain = !node.block().isEmpty() && !routers.contains(linear.weight());
                  boolean chosen = targets.isEmpty() ? plain : targets.contains(word);
                  met.add(word);
                  return chosen
                      ? Optional.of(new LoraPair(module(linear), settings.rank(), settings.scale()))
                      : Optional.empty();
                },
                masked)
            .rewritten();
    for (var target : targets) {
      if (!met.contains(target)) {
        throw new InputException(
            "lora.targets names %s, but no linear of the model ends in it: there are %s",
            target, String.join(", ", words(graph)));
      }
    }
    return rewritten;
  }

  /**
   * Adds exactly these pairs.
   *
   * @throws InputException when one names no linear, or a tied head
   */
  public static LoraGraph apply(ModelGraph graph, List<LoraPair> pairs) {
    var byModule = new LinkedHashMap<String, LoraPair>();
    pairs.forEach(pair -> byModule.put(pair.module(), pair));
    var left = new LinkedHashSet<>(byModule.keySet());
    var rewritten =
        new LoraRewrite(
                graph,
                (node, linear) -> {
                  left.remove(module(linear));
                  return Optional.ofNullable(byModule.get(module(linear)));
                },
                Set.of())
            .rewritten();
    if (!left.isEmpty()) {
      throw new InputException(
          "the adapter has a pair for %s, but the model has no linear of that name: its linears end"
              + " in %s",
          left.iterator().next(), String.join(", ", words(graph)));
    }
    return rewritten;
  }

  /** Weights of the linears that route rows to experts. */
  private static Set<String> routers(ModelGraph graph) {
    return Sought.ROUTE.in(graph).stream()
        .map(route -> route.operator().weight())
        .collect(Collectors.toSet());
  }

  private LoraGraph rewritten() {
    var rewritten = GraphReplay.rewritten(graph, this::beside);
    return new LoraGraph(rewritten, List.copyOf(bindings));
  }

  private Value beside(GraphBuilder g, Node node, Value x, Supplier<Value> plain) {
    var linear = Sought.LINEAR.of(node).orElseThrow();
    var chosen = choice.of(node, linear).orElse(null);
    if (chosen == null) {
      return plain.get();
    }
    if (tables.contains(linear.weight())) {
      throw new InputException(
          "LoRA on %s is refused: the embedding uses the same weight, and a pair beside the head"
              + " alone could not be folded into it",
          linear.weight());
    }
    boolean zeros = masked.contains(linear.weight());
    var pair = new LoraBinding(linear.weight(), chosen.a(), chosen.b(), chosen.scale(), zeros);
    bindings.add(pair);
    var label = shortest(word(linear)) + ".rank";
    if (zeros) {
      var together = new MaskedLinear(linear, pair.a(), pair.b(), pair.scale());
      return g.maskedLinear(x, together, width(node), chosen.rank(), label); // (B, T, out)
    }
    var straight = plain.get(); // (B, T, out)
    var inner =
        g.linear(
            x, pair.a(), null, Layout.OUT_IN, chosen.rank(), AxisRole.RANK, label); // (B, T, r)
    var outer = g.linear(inner, pair.b(), width(node)); // (B, T, out)
    return g.add(straight, g.scale(outer, pair.scale())); // (B, T, out)
  }

  private int width(Node node) {
    var shape = graph.shape(node.output());
    return shape.get(shape.size() - 1).size();
  }

  private static String module(Linear linear) {
    var name = linear.weight();
    return name.endsWith(".weight") ? name.substring(0, name.length() - 7) : name;
  }

  private static String word(Linear linear) {
    var module = module(linear);
    return module.substring(module.lastIndexOf('.') + 1);
  }

  /** "q" of "q_proj": the part of a module's name that distinguishes it from its neighbours. */
  private static String shortest(String word) {
    return word.endsWith("_proj") ? word.substring(0, word.length() - 5) : word;
  }

  private static List<String> words(ModelGraph graph) {
    return Sought.LINEAR.in(graph).stream()
        .map(linear -> word(linear.operator()))
        .distinct()
        .toList();
  }

  /**
   * Initial weights: A uniform in ±1/√in (Kaiming with a = √5, as in PEFT), B zero, so that the
   * model starts unchanged. The same seed gives the same numbers.
   */
  public static InMemoryTensors firstWeights(LoraGraph lora, long seed) {
    var random = new Random(seed);
    var tensors = new InMemoryTensors();
    for (var pair : lora.bindings()) {
      var a = lora.graph().parameter(pair.a()).shape();
      var b = lora.graph().parameter(pair.b()).shape();
      var values = new float[Math.toIntExact(a[0] * a[1])];
      double bound = 1 / Math.sqrt((double) a[1]);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
      }
      tensors.put(pair.a(), values, a);
      tensors.put(pair.b(), new float[Math.toIntExact(b[0] * b[1])], b);
    }
    return tensors;
  }
}
