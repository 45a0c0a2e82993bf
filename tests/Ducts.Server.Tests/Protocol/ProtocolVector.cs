using System.Text.Json;

namespace Ducts.Tests.Protocol;

/// <summary>An exchange of <c>spec/vectors/protocol.json</c>.</summary>
internal sealed record ProtocolVector(string Name, string Meaning, VectorMessage Request, IReadOnlyList<VectorMessage> Replies)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<ProtocolVector> All { get; } = Read();

    /// <summary>Finds a file of <c>spec/vectors</c>.</summary>
    public static string PathOf(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ducts.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("spec/vectors is not above the tests.");
        return Path.Combine(folder, "spec", "vectors", name);
    }

    private static List<ProtocolVector> Read()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(PathOf("protocol.json")));
        return file.RootElement.GetProperty("exchanges").Deserialize<List<ProtocolVector>>(Options)!;
    }
}
