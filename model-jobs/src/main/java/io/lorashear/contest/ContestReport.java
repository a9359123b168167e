package io.lorashear.contest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Publishes the result of a contest:
 *
 * <pre>
 *   contest.md      the table, and the refused cells
 *   contest.csv     the table
 *   contest.json    the same figures by name, in full precision
 *   contest.svg     quality against size
 * </pre>
 */
public final class ContestReport {
  private ContestReport() {}

  /** Publishes the report and replaces an earlier one. */
  public static PublishedDirectory publish(ContestResult result, Path target) {
    var table = ContestTable.of(result);
    try (var publication = Publication.begin(target)) {
      var folder = publication.directory();
      Files.writeString(folder.resolve("contest.md"), markdown(result));
      Files.writeString(folder.resolve("contest.csv"), table.csv());
      Files.writeString(folder.resolve("contest.svg"), new ContestPicture(result).svg());
      JsonFile.write(folder.resolve("contest.json"), json(result));
      return publication.publish(JsonFile.object().put("kind", "contest"));
    } catch (IOException e) {
      throw new UncheckedIOException(target + " could not be written", e);
    }
  }

  /** The table for people, and the refused cells. */
  public static String markdown(ContestResult result) {
    var text = new StringBuilder(ContestTable.of(result).markdown());
    if (result.ceiling().isPresent()) {
      text.append(
          "\nceiling: the dense model after the contest's recovery; nothing was pruned from it.\n");
    }
    var sparse = result.settings().sparse();
    if (!sparse.isEmpty()) {
      text.append(
          "\n%s: the ratio is the share of zeros in the matrices of blocks; all parameters stay.\n"
              .formatted(String.join(", ", sparse)));
    }
    result.refused().entrySet().stream()
        .sorted((one, other) -> one.getKey().name().compareTo(other.getKey().name()))
        .forEach(
            entry ->
                text.append(
                    "\n%s was refused: %s\n".formatted(entry.getKey().name(), entry.getValue())));
    return text.toString();
  }

  private static ObjectNode json(ContestResult result) {
    var json = JsonFile.object().put("against", result.settings().against());
    var rows = json.putArray("rows");
    var standings = result.standings();
    var verdicts = result.verdicts();
    row(rows.addObject(), new Standing(List.of(result.dense())));
    result.ceiling().ifPresent(ceiling -> row(rows.addObject(), ceiling));
    for (int i = 0; i < standings.size(); i++) {
      var row = row(rows.addObject(), standings.get(i));
      row.put("zeros", result.settings().sparse(standings.get(i).method()));
      verdicts
          .get(i)
          .ifPresent(
              verdict -> {
                var difference = verdict.difference();
                var entry = row.putObject("toFirst").put("nats", difference.nats());
                entry.put("low", difference.interval().low());
                entry.put("high", difference.interval().high());
                entry.put("p", difference.p()).put("sure", verdict.sure());
              });
    }
    var refused = json.putObject("refused");
    result.refused().forEach((cell, why) -> refused.put(cell.name(), why));
    return json;
  }

  private static ObjectNode row(ObjectNode row, Standing standing) {
    row.put("method", standing.method()).put("ratio", standing.ratio());
    var seeds = row.putArray("seeds");
    standing.cells().forEach(cell -> seeds.add(cell.cell().seed()));
    row.put("parameters", standing.parameters());
    row.put("lossPruned", standing.prunedLoss()).put("loss", standing.loss());
    standing.lossError().ifPresent(error -> row.put("lossError", error));
    standing.perplexities().forEach(row.putObject("perplexity")::put);
    row.put("share", standing.share()).put("shareError", standing.shareError());
    row.put("tokens", standing.tokens()).put("minutes", standing.minutes());
    return row.put("tokensPerSecond", standing.tokensPerSecond());
  }
}
