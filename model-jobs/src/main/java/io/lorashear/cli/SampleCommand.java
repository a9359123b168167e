package io.lorashear.cli;

import io.lorashear.sampleworld.SampleWorld;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorashear sample}: writes a sample world. */
@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    description =
        "Writes an invented world in the five sources' real formats: a MediaWiki dump, OpenWebText"
            + " archives, Gutenberg e-texts, BookCorpus sentences and Alpaca instructions, with"
            + " multiple-choice questions about its facts and a list of everything planted in it.",
    footer = {"", "Example:", "  lorashear sample --out /tmp/world --seed 1 --documents 400"})
public final class SampleCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder to write; replaces an earlier sample.")
  Path out = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed; the same seed gives the same bytes (${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--documents",
      paramLabel = "M",
      defaultValue = "400",
      description = "Approximate number of documents, from 20 to 100000 (${DEFAULT-VALUE}).")
  int documents;

  @Override
  public Integer call() {
    var summary = SampleWorld.write(out, seed, documents);
    PrintWriter print = spec.commandLine().getOut();
    print.printf("%-14s %10s %10s%n", "source", "records", "planted");
    summary
        .records()
        .forEach(
            (source, records) ->
                print.printf(
                    "%-14s %,10d %,10d%n",
                    source, records, summary.planted().getOrDefault(source, 0)));
    print.printf(
        "%n%,d bytes in %s; %d questions in %s; what was planted is in %s%n",
        summary.bytes(),
        summary.directory(),
        summary.questions(),
        SampleWorld.BENCHMARK,
        SampleWorld.TRUTH);
    return 0;
  }
}
