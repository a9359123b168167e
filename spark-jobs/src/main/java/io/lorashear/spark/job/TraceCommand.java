package io.lorashear.spark.job;

import io.lorashear.cli.GivenNumber;
import io.lorashear.spark.provenance.TokenTrace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear trace}: follows a trained token back to its raw file. */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description =
        "Follows one token of a subset back to its shard and row, the reason it was drawn,"
            + " and the raw file of its document.",
    footer = {
      "",
      "Example:",
      "  lorashear trace work/subsets/round-0 --corpus work/corpus --documents work/documents"
          + " --tokenizer models/smollm2 --sequence 17 --token 40"
    })
public final class TraceCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SUBSET", description = "Folder that resample published.")
  Path subset = Path.of("");

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "DIR",
      description = "Folder that tokenize published.")
  Path corpus = Path.of("");

  @Option(
      names = "--documents",
      required = true,
      paramLabel = "DIR",
      description = "Folder that ingest published; repeat it for a corpus that has grown.")
  List<Path> documents = new ArrayList<>();

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "PATH",
      description = "tokenizer.json that the corpus was tokenized with, or its folder.")
  Path tokenizer = Path.of("");

  @Option(
      names = "--sequence",
      paramLabel = "N",
      description = "Position in the training order, from 0; ${DEFAULT-VALUE} by default.")
  int sequence = 0;

  @Option(
      names = "--token",
      paramLabel = "N",
      description = "Position of the token in its sequence, from 0; ${DEFAULT-VALUE} by default.")
  int token = 0;

  @Override
  public Integer call() {
    GivenNumber.atLeast(0, "--sequence", sequence);
    GivenNumber.atLeast(0, "--token", token);
    var question = new TokenTrace.Question(subset, corpus, documents, tokenizer, sequence, token);
    try (var session = Session.open("trace")) {
      var out = spec.commandLine().getOut();
      out.println(TokenTrace.of(session.spark(), question).text());
      out.flush();
    }
    return 0;
  }
}
