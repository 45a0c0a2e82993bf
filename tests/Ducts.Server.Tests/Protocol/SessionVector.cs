using System.Text;
using System.Text.Json;
using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

/// <summary>A message of <c>spec/vectors/sessions.json</c>, or what is not taken for one.</summary>
internal sealed record SessionVector(string Name, string Form, string From, string? Hex, string? Text, JsonElement Value, string[]? Written, string? Refusal)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<SessionVector> Messages { get; } = Read("messages");

    public static IReadOnlyList<SessionVector> Malformed { get; } = Read("malformed");

    /// <summary>The key that is in the messages, of no session.</summary>
    public static string Key { get; } = Messages.First(static vector => vector.Form == "hello").Value.GetProperty("key").GetString()!;

    public byte[] Bytes => Packed.Hex(Hex!);

    /// <summary>The message as a client sends it that has another key.</summary>
    public (Opcode Opcode, byte[] Bytes) WithKey(string key)
    {
        var message = Hex is null ? Encoding.UTF8.GetBytes(Text!) : Bytes;
        if (message.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Key)) is >= 0 and var at)
            Encoding.ASCII.GetBytes(key).CopyTo(message, at);
        return (Hex is null ? Opcode.Text : Opcode.Binary, message);
    }

    public override string ToString() => $"{Form}: {Name}";

    private static List<SessionVector> Read(string part)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(ProtocolVector.PathOf("sessions.json")));
        return file.RootElement.GetProperty(part).Deserialize<List<SessionVector>>(Options)!;
    }
}
