package io.lorashear.torch;

import io.lorashear.graph.AxisRole;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.torch.compile.Arrangement;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.compile.Run;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All TorchScript that is written for a graph, by what it is for. */
record WrittenText(ModelGraph graph, Precision precision) {

  /** What reads a model. */
  Map<String, String> reading() {
    var texts = new LinkedHashMap<String, String>();
    for (var tokens :
        List.of(Arrangement.ROWS, Arrangement.PACKED, Arrangement.TREE, Arrangement.CONTINUED)) {
      texts.put("model " + tokens, ModelText.of(graph, tokens, precision));
    }
    texts.put("model ROWS and CONTINUED", ModelText.file(graph, precision));
    var values = graph.nodes().stream().map(Node::output).toList();
    texts.put("taps", ModelText.taps(graph, values, precision));
    var runs = Run.all(graph, Set.of(graph.logits()));
    for (int i = 0; i < runs.size(); i++) {
      var run = runs.get(i);
      var given = run.inputs().stream().filter(x -> !x.equals(graph.tokens())).toList();
      texts.put("walk " + i, ModelText.walk(graph, given, run.outputs(), run.outputs(), precision));
    }
    return texts;
  }

  /** What trains a model: all its weights, a few, or LoRA pairs. */
  Map<String, String> training() {
    var texts = new LinkedHashMap<String, String>();
    var all = graph.parameters().keySet();
    train(texts, "all", graph, all, 0);
    var some = new LinkedHashSet<>(all);
    some.removeIf(name -> !name.contains("1."));
    train(texts, "layer 1", graph, some, 0);
    var lora = LoraRewrite.apply(graph, new LoraSettings(4, 8, List.of()));
    var pairs = new LinkedHashSet<>(lora.graph().parameters().keySet());
    pairs.removeAll(all);
    train(texts, "pairs", lora.graph(), pairs, 0);
    train(texts, "pairs with dropout", lora.graph(), pairs, 0.1);
    train(texts, "all and pairs", lora.graph(), lora.graph().parameters().keySet(), 0);
    train(
        texts,
        "all and pairs with dropout",
        lora.graph(),
        lora.graph().parameters().keySet(),
        0.05);
    return texts;
  }

  private void train(
      Map<String, String> texts,
      String name,
      ModelGraph graph,
      Set<String> learning,
      double dropout) {
    for (var rows : List.of(Arrangement.ROWS, Arrangement.PACKED)) {
      texts.put(name + " " + rows, ModelText.training(graph, rows, precision, learning, dropout));
    }
  }

  /** The same of a graph that lost what can be lost of its experts, heads and channels. */
  WrittenText smaller() {
    var widths =
        GraphReplay.resized(
            graph,
            axis ->
                switch (axis.role()) {
                  case CHANNELS -> axis.locked() ? axis.indices() : axis.indices() - 3;
                  case EXPERTS, KEY_VALUE_HEADS -> Math.max(axis.indices() - 1, least(axis.role()));
                  default -> axis.indices();
                });
    return new WrittenText(widths.graph(), precision);
  }

  private static int least(AxisRole role) {
    return role == AxisRole.EXPERTS ? 2 : 1;
  }
}
