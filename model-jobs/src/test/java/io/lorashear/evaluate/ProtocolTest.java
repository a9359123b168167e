package io.lorashear.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtocolTest {
  @TempDir Path folder;

  /** LLaMA's pair: ▁ ▁yes apart, ▁yes together. In the small vocabulary ▁ is 2, ▁yes 6. */
  @Test
  void aLoneSpaceIsScoredByTheOldProtocolOnly() throws IOException {
    try (var tokenizer = Tokenizer.open(SmallTokenizers.sentencePiece(folder))) {
      var text = new TextRequest("A:", " yes");
      assertThat(Protocol.SEPARATE.encode(tokenizer, text).continuation()).containsExactly(2, 6);
      assertThat(Protocol.JOINT.encode(tokenizer, text).continuation()).containsExactly(6);
      assertThat(Protocol.SEPARATE.encode(tokenizer, text).context()).containsExactly(11, 10);
      assertThat(Protocol.JOINT.encode(tokenizer, text).context()).containsExactly(11, 10);
    }
  }

  @Test
  void byteLevelTokenizersGiveTheSameByBoth() throws IOException {
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      var text = new TextRequest("Answer:", " yes");
      assertThat(Protocol.JOINT.encode(tokenizer, text).continuation()).containsExactly(259);
      assertThat(Protocol.SEPARATE.encode(tokenizer, text).continuation()).containsExactly(259);
    }
  }

  @Test
  void spacesAtTheEndOfTheContextGoOverToTheContinuation() throws IOException {
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      var text = new TextRequest("A \u00A0", "yes");
      var request = Protocol.JOINT.encode(tokenizer, text);
      assertThat(tokenizer.decode(request.context())).isEqualTo("A");
      assertThat(tokenizer.decode(request.continuation())).isEqualTo(" \u00A0yes");
    }
  }

  @Test
  void whereThereIsNoContextTheEndOfTextStandsForIt() throws IOException {
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      for (Protocol protocol : Protocol.values()) {
        var request = protocol.encode(tokenizer, new TextRequest("", "yes"));
        assertThat(request.context()).containsExactly(0);
        assertThat(request.continuation()).containsExactly(258);
      }
    }
  }
}
