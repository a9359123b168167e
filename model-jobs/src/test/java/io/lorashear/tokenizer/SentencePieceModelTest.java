package io.lorashear.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tokenizer.model written byte by byte, as sentencepiece_model.proto says. */
class SentencePieceModelTest {
  private static final List<String> PIECES =
      List.of("<unk>", "</s>", "▁", "y", "es", "yes", "▁yes", "e", "s", "A", ":", "▁A");

  @TempDir Path folder;

  @Test
  void piecesThatStayKeepTheirScoresAndRolesGetTheNewIds() throws IOException {
    SmallTokenizers.sentencePiece(folder);
    var wanted = new BitSet();
    wanted.set(11); // ▁A
    var cut = VocabularyCut.of(folder, wanted);
    assertThat(cut.kept()).containsExactly(0, 2, 3, 7, 8, 9, 10, 11);
    var old = model(PIECES, List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), 12, 0, 2, -1, true);
    Files.write(folder.resolve("tokenizer.model"), old);
    var to = folder.resolve("to");
    assertThat(cut.write(folder, to)).isEmpty();
    var expected = model(PIECES, List.of(0, 2, 3, 7, 8, 9, 10, 11), 8, 0, 1, -1, false);
    assertThat(Files.readAllBytes(to.resolve("tokenizer.model"))).isEqualTo(expected);
  }

  @Test
  void piecesOfAnotherTokenizerAreLeftOut() throws IOException {
    SmallTokenizers.sentencePiece(folder);
    var cut = VocabularyCut.mandatory(folder);
    var file = folder.resolve("tokenizer.model");
    for (var other :
        List.of(
            model(List.of("<unk>", "<s>"), List.of(0, 1), 2, 0, 1, -1, false),
            "IQ== 0\nIg== 1\n".getBytes(StandardCharsets.UTF_8),
            new byte[] {10, 127, 0},
            new byte[0])) {
      Files.write(file, other);
      assertThat(cut.write(folder, folder.resolve("to"))).hasSize(1);
    }
    assertThat(folder.resolve("to/tokenizer.model")).doesNotExist();
  }

  private static byte[] model(
      List<String> pieces, List<Integer> ids, int size, int unk, int bos, int pad, boolean test)
      throws IOException {
    var out = new ByteArrayOutputStream();
    for (int id : ids) {
      var text = pieces.get(id).getBytes(StandardCharsets.UTF_8);
      var score = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(-id).array();
      out.writeBytes(new byte[] {10, (byte) (text.length + 9), 10, (byte) text.length});
      out.writeBytes(text);
      out.write(2 << 3 | 5);
      out.writeBytes(score);
      out.writeBytes(new byte[] {3 << 3, 1});
    }
    var training = new ByteArrayOutputStream();
    training.writeBytes(new byte[] {3 << 3, 2, 4 << 3, (byte) size});
    training.writeBytes(new byte[] {(byte) (40 << 3 & 0x7F | 0x80), 40 << 3 >> 7, (byte) unk});
    training.writeBytes(new byte[] {(byte) (41 << 3 & 0x7F | 0x80), 41 << 3 >> 7, (byte) bos});
    training.writeBytes(new byte[] {(byte) (43 << 3 & 0x7F | 0x80), 43 << 3 >> 7});
    for (int i = 0; i < 9; i++) {
      training.write(pad < 0 ? 0xFF : 0x80);
    }
    training.write(pad < 0 ? 1 : 0);
    out.writeBytes(new byte[] {2 << 3 | 2, (byte) training.size()});
    out.writeBytes(training.toByteArray());
    if (test) {
      out.writeBytes(new byte[] {4 << 3 | 2, 2, 1, 1});
    }
    out.writeBytes(new byte[] {3 << 3 | 2, 3, 10, 1, 'n'});
    return out.toByteArray();
  }
}
