package io.lorashear.spark.tokenize;

import io.lorashear.run.Stage;
import io.lorashear.spark.engine.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A published corpus of the sources web and tasks: rows of 64 ids below 260. */
public final class TokenizedCorpus {
  private TokenizedCorpus() {}

  public static Path write(Path target, Path tokenizer) {
    var settings =
        new TokenizeSettings(
            Path.of("unused"),
            tokenizer,
            target,
            Optional.empty(),
            List.of(),
            64,
            Optional.empty(),
            TokenizeSettings.Tail.PAD,
            TokenizeSettings.Examples.PACKED,
            new ValidationSettings(0.3, 50),
            500,
            4000,
            Engine.BUILT_IN,
            Optional.empty());
    Stage.of("tokenize", target, settings, Tokenize.class)
        .run(
            output ->
                Tokenize.write(SomeDocuments.of(60, 40).in(2), Map.of(), settings, output)
                    .writeTo(output));
    return target;
  }
}
