using System.Text.Json;

namespace Ducts.EndToEnd.Clients;

/// <summary>How often sessions are cut in the tests of reconnecting, and what may come of it.</summary>
/// <remarks>Set DUCTS_TEST_FAULTS to <c>200x20</c> (sessions, cuts) for the long run, DUCTS_TEST_SEED to repeat one.</remarks>
internal sealed record Faults(int Sessions, int Cuts, int Seed)
{
    private const int StreamsOfSession = 2;

    public static Faults FromEnvironment(string usual = "6x4")
    {
        var amounts = (Environment.GetEnvironmentVariable("DUCTS_TEST_FAULTS") ?? usual).Split('x');
        var seed = Environment.GetEnvironmentVariable("DUCTS_TEST_SEED") is { Length: > 0 } wanted ? int.Parse(wanted) : Environment.TickCount & 0xffffff;
        return new Faults(int.Parse(amounts[0]), int.Parse(amounts[1]), seed);
    }

    /// <summary>
    /// Fails when anything that the server has sent is missing, out of order or wrong; what came twice came right after a reconnect.
    /// </summary>
    public void Check(JsonElement result)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}: {Sessions} sessions, {Cuts} cuts each: {result.GetRawText()}");
        Assert.Equal("[]", result.GetProperty("wrong").GetRawText());
        // The first, one after each cut, and one that is not cut.
        Assert.Equal(Sessions * (Cuts + 2), result.GetProperty("sockets").GetInt32());
        Assert.Equal(Sessions * StreamsOfSession, result.GetProperty("ends").GetInt32());
        // Of what the server had begun when it was asked, all was answered; the clients wait for that.
        Assert.InRange(result.GetProperty("done").GetInt32(), 1, result.GetProperty("answered").GetInt32());
        Assert.InRange(result.GetProperty("answered").GetInt32(), 1, result.GetProperty("asked").GetInt32());
        Assert.True(result.GetProperty("bytes").GetInt32() > 0);
    }
}
