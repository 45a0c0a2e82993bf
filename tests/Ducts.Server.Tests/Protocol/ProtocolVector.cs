using System.Text.Json;

namespace Ducts.Tests.Protocol;

/// <summary>An exchange of <c>spec/vectors/protocol.json</c>.</summary>
internal sealed record ProtocolVector(string Name, string Meaning, VectorMessage Request, IReadOnlyList<VectorMessage> Replies)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<ProtocolVector> All { get; } = Read();

    private static List<ProtocolVector> Read()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ducts.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("spec/vectors is not above the tests.");
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "spec", "vectors", "protocol.json")));
        return file.RootElement.GetProperty("exchanges").Deserialize<List<ProtocolVector>>(Options)!;
    }
}
