using System.Text;
using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

/// <summary>A message in a vector: MessagePack as hex, or JSON text.</summary>
internal sealed record VectorMessage(string? Hex, string? Text)
{
    public Opcode Opcode => Text is null ? Opcode.Binary : Opcode.Text;

    public byte[] Bytes => Text is null ? Packed.Hex(Hex!) : Encoding.UTF8.GetBytes(Text);

    /// <summary>Fails when a message is another one.</summary>
    public void Check(Opcode opcode, byte[] bytes)
    {
        Assert.Equal(Opcode, opcode);
        if (Text is not null)
        {
            Assert.Equal(Text, Encoding.UTF8.GetString(bytes));
            return;
        }

        var expected = Hex!;
        var found = Convert.ToHexStringLower(bytes).ToCharArray();
        for (var i = 0; i < Math.Min(found.Length, expected.Length); i++)
        {
            if (expected[i] == '?')
                found[i] = '?';
        }

        Assert.Equal(expected, new string(found));
    }
}
