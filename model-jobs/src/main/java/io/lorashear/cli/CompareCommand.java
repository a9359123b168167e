package io.lorashear.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.compare.EvaluationComparison;
import io.lorashear.compare.LossComparison;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.statistics.Bootstrap;
import io.lorashear.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear compare}: compares two results and says which differences are noise. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description =
        "Compares two results of the same kind, question by question or document by document: two"
            + " of evaluate (paired tests: which differences are noise), or two of perplexity, the"
            + " dense model's first (how much was lost by source, by bucket of documents, by"
            + " token).",
    footer = {
      "",
      "Examples:",
      "  lorashear compare runs/evaluate/dense runs/evaluate/pruned",
      "  lorashear compare losses/dense losses/pruned --tokenizer models/smollm2"
    })
public final class CompareCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "FIRST", description = "Folder of a result.")
  Path first = Path.of("");

  @Parameters(index = "1", paramLabel = "SECOND", description = "Folder of the other result.")
  Path second = Path.of("");

  @Option(
      names = "--buckets",
      paramLabel = "N",
      description =
          "Number of buckets into which the documents of a source are sorted by how much was lost"
              + " on them.")
  int buckets = 4;

  @Option(
      names = "--tokenizer",
      paramLabel = "PATH",
      description = "tokenizer.json, or its folder: prints the text of the tokens that lost most.")
  @Nullable Path tokenizer;

  @Option(names = "--resamples", paramLabel = "N", description = "Draws of the bootstrap.")
  int resamples = Bootstrap.USUAL.resamples();

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the bootstrap.")
  long seed = Bootstrap.USUAL.seed();

  @Option(names = "--json", description = "Prints JSON instead of a table.")
  boolean json;

  @Override
  public Integer call() {
    GivenNumber.atLeast(1, "--buckets", buckets);
    GivenNumber.atLeast(1, "--resamples", resamples);
    Refusals.together(
        () -> PublishedDirectory.openOf("evaluate or perplexity", first),
        () -> PublishedDirectory.openOf("evaluate or perplexity", second));
    var one = PublishedDirectory.openOf("evaluate or perplexity", first);
    var other = PublishedDirectory.openOf("evaluate or perplexity", second);
    String kind = kind(one);
    if (!kind.equals(kind(other))) {
      throw new InputException(
          "%s is of %s, but %s of %s: give two results of the same stage",
          first, kind, second, kind(other));
    }
    var bootstrap = new Bootstrap(resamples, seed);
    switch (kind) {
      case "evaluate" -> {
        var comparison = EvaluationComparison.of(one, other, bootstrap);
        print(comparison.json(), comparison.table());
      }
      case "perplexity" -> {
        var comparison = LossComparison.of(one, other, buckets, bootstrap);
        print(comparison.json(), table(comparison));
      }
      default ->
          throw new InputException(
              "%s is of %s: results of evaluate and of perplexity can be compared", first, kind);
    }
    return 0;
  }

  private static String kind(PublishedDirectory result) {
    return result.manifest().path("stage").asText("something else");
  }

  private String table(LossComparison comparison) {
    if (tokenizer == null) {
      return comparison.table(id -> "id " + id);
    }
    try (var opened = Tokenizer.open(tokenizer)) {
      IntFunction<String> text = id -> "id " + id + " '" + opened.decode(new int[] {id}) + "'";
      return comparison.table(id -> text.apply(id).replace("\n", "\\n"));
    }
  }

  private void print(ObjectNode node, String table) {
    var out = spec.commandLine().getOut();
    try {
      out.print(
          json
              ? new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n"
              : table);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    out.flush();
  }
}
