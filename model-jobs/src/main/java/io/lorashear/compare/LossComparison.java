package io.lorashear.compare;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossDeviation.Group;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.TokenDeviation;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.statistics.Bootstrap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.IntFunction;

/**
 * Compares two loss reports, the first one of the dense model: the rise of the loss by source, by
 * bucket of documents, and token by token if both reports have token losses.
 */
public record LossComparison(
    List<Group> sources, List<Group> buckets, Optional<TokenDeviation> tokens) {
  private static final int WORST = 10;

  public LossComparison {
    sources = List.copyOf(sources);
    buckets = List.copyOf(buckets);
  }

  /**
   * Compares two published loss reports.
   *
   * @param perSource number of buckets that the documents of each source are divided into by their
   *     rise of the loss
   * @throws io.lorashear.InputException if the reports are not about the same rows
   */
  public static LossComparison of(
      PublishedDirectory dense, PublishedDirectory pruned, int perSource, Bootstrap bootstrap) {
    var deviation =
        LossDeviation.of(LossReport.read(dense.directory()), LossReport.read(pruned.directory()));
    return new LossComparison(
        deviation.bySource(bootstrap),
        deviation.byBucket(deviation.buckets(perSource), bootstrap),
        TokenDeviation.isIn(dense) && TokenDeviation.isIn(pruned)
            ? Optional.of(TokenDeviation.of(dense, pruned, WORST))
            : Optional.empty());
  }

  /**
   * Text for people.
   *
   * @param text text of a token id
   */
  public String table(IntFunction<String> text) {
    var lines = new StringJoiner("\n", "", "\n");
    add(lines, "source", sources);
    add(lines, "source/bucket", buckets);
    tokens.ifPresent(found -> add(lines, found, text));
    return lines.toString();
  }

  private static void add(StringJoiner lines, String what, List<Group> groups) {
    lines.add(
        line(
            "%-24s %9s %10s %12s %12s %10s  %s",
            what,
            "documents",
            "tokens",
            "perplexity",
            "then",
            "deviation",
            "95 %, documents drawn"));
    for (Group group : groups) {
      lines.add(
          line(
              "%-24s %9d %10d %12.3f %12.3f %+10.4f  [%+.4f, %+.4f]%s",
              group.name(),
              group.documents(),
              group.tokens(),
              Math.exp(group.dense()),
              Math.exp(group.pruned()),
              group.deviation(),
              group.interval().low(),
              group.interval().high(),
              group.interval().excludesZero() ? "" : "  noise"));
    }
  }

  private static void add(StringJoiner lines, TokenDeviation tokens, IntFunction<String> text) {
    lines.add(
        line(
            "%-24s %9s %10s %12s %12s %10s",
            "token by token", "", "tokens", "5 %", "median", "95 %"));
    for (var source : tokens.sources()) {
      lines.add(
          line(
              "%-24s %9s %10d %+12.4f %+12.4f %+10.4f  %.0f %% of them worse",
              source.source(),
              "",
              source.tokens(),
              source.lower(),
              source.median(),
              source.upper(),
              100 * source.worse()));
    }
    lines.add(line("%-24s %9s %10s", "tokens that lost most", "times", "deviation"));
    for (var token : tokens.worst()) {
      lines.add(
          line("%-24s %9d %+10.4f", text.apply(token.id()), token.count(), token.deviation()));
    }
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values).stripTrailing();
  }

  /** JSON for programs. */
  public ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode();
    put(root.putArray("sources"), sources);
    put(root.putArray("buckets"), buckets);
    tokens.ifPresent(
        found -> {
          var node = root.putObject("tokens");
          var spread = node.putArray("sources");
          found.sources().forEach(source -> spread.addPOJO(source));
          var worst = node.putArray("worst");
          found.worst().forEach(token -> worst.addPOJO(token));
        });
    return root;
  }

  private static void put(ArrayNode array, List<Group> groups) {
    for (Group group : groups) {
      array
          .addObject()
          .put("name", group.name())
          .put("documents", group.documents())
          .put("tokens", group.tokens())
          .put("dense", group.dense())
          .put("pruned", group.pruned())
          .put("deviation", group.deviation())
          .put("low", group.interval().low())
          .put("high", group.interval().high());
    }
  }
}
