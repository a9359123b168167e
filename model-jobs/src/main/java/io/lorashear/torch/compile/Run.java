package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive nodes of one block.
 *
 * @param inputs values they read from earlier runs
 * @param outputs values that later runs read from them
 */
public record Run(List<Node> nodes, List<Value> inputs, List<Value> outputs) {

  /**
   * A model's runs in order.
   *
   * @param head the last run, if it treats positions independently and reads a single value;
   *     otherwise null
   * @param result the value that the body ends with
   */
  record Cut(List<Run> body, @Nullable Run head, Value result) {}

  /** All runs that the logits depend on, split into body and head. */
  static Cut cut(ModelGraph graph) {
    var runs = all(graph, Set.of(graph.logits()));
    var head = last(runs);
    return runs.size() > 1 && head.isHead()
        ? new Cut(runs.subList(0, runs.size() - 1), head, head.inputs.get(0))
        : new Cut(runs, null, graph.logits());
  }

  private boolean isHead() {
    return inputs.size() == 1 && nodes.stream().noneMatch(Run::hangsOnItsPlace);
  }

  /**
   * Whether a node's output at one position depends on that position's index or on other positions.
   */
  private static boolean hangsOnItsPlace(Node node) {
    return switch (node.operator().kind()) {
      case ATTENTION, ROTARY, EMBEDDING, POSITION_EMBEDDING -> true;
      case LINEAR,
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
          PART ->
          false;
    };
  }

  /** All runs that {@code results} depend on. */
  public static List<Run> all(ModelGraph graph, Set<Value> results) {
    return all(graph, Set.of(), results);
  }

  /** All runs that {@code results} depend on, if {@code given} are already known. */
  public static List<Run> all(ModelGraph graph, Set<Value> given, Set<Value> results) {
    var cut = new ArrayList<List<Node>>();
    for (var node : needed(graph, given, results)) {
      if (cut.isEmpty() || !last(last(cut)).block().equals(node.block())) {
        cut.add(new ArrayList<>());
      }
      last(cut).add(node);
    }
    var runs = new ArrayList<Run>();
    var wanted = new HashSet<Value>(results);
    for (int i = cut.size() - 1; i >= 0; i--) {
      runs.add(0, of(cut.get(i), wanted));
      wanted.addAll(runs.get(0).inputs());
    }
    return runs;
  }

  /** The nodes that the results depend on, in order. */
  private static List<Node> needed(ModelGraph graph, Set<Value> given, Set<Value> results) {
    var wanted = new HashSet<Value>(results);
    var nodes = new ArrayDeque<Node>();
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      var node = graph.nodes().get(i);
      if (wanted.contains(node.output()) && !given.contains(node.output())) {
        nodes.addFirst(node);
        wanted.addAll(node.inputs());
      }
    }
    return List.copyOf(nodes);
  }

  private static Run of(List<Node> nodes, Set<Value> wanted) {
    var made =
        nodes.stream().map(Node::output).collect(Collectors.toCollection(LinkedHashSet::new));
    var inputs = new LinkedHashSet<Value>();
    nodes.forEach(node -> inputs.addAll(node.inputs()));
    inputs.removeAll(made);
    return new Run(nodes, List.copyOf(inputs), made.stream().filter(wanted::contains).toList());
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }

  /** Names of the weights, in the order they are read. */
  List<String> parameters() {
    var names = new LinkedHashSet<String>();
    nodes.forEach(node -> names.addAll(node.operator().parameters()));
    return List.copyOf(names);
  }

  /** Number of attention nodes. */
  int attentions() {
    return Sought.ATTENTION.in(nodes).size();
  }
}
