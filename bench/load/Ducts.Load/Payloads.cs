namespace Ducts.Load;

/// <summary>What the requests of the scenarios carry, as JSON.</summary>
internal static class Payloads
{
    // A nested map that takes about 200 bytes in MessagePack.
    private const string Map =
        """
        {"user":{"id":1234567,"name":"Ada Lovelace","mail":"ada@example.org","tags":["admin","early","analyst"]},
         "position":{"x":1.5,"y":-2.25,"z":1024.125},"items":[{"sku":"A-100","count":3},{"sku":"B-200","count":1}],"note":"second floor","active":true}
        """;

    private const string Item = """{"id":17,"name":"Analytical engine","price":1842.5,"sold":false,"stock":100000,"note":"with manual"}""";

    /// <summary>The data of a request; null for none.</summary>
    public static string? Json(Scenario scenario) => scenario.Kind switch
    {
        ScenarioKind.EchoMap => Map,
        ScenarioKind.Record => Item,
        _ when scenario.Counts => "100000",
        ScenarioKind.Blob => null,
        _ => $"\"{new string('a', scenario.Size)}\"",
    };
}
