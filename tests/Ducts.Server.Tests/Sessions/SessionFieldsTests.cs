using Ducts.Sessions;

namespace Ducts.Tests.Sessions;

public sealed class SessionFieldsTests
{
    private static readonly SessionFields Fields = new([new("ip", "::1"), new("", "none"), new("IP", "other")]);

    [Fact]
    public void Names_are_told_apart_by_case_and_keep_their_order()
    {
        Assert.Equal(3, Fields.Count);
        Assert.Equal(["ip", "", "IP"], Fields.Keys);
        Assert.Equal(["::1", "none", "other"], Fields.Values);
        Assert.Equal(["ip=::1", "=none", "IP=other"], Fields.Select(static pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal("other", Fields["IP"]);
        Assert.True(Fields.ContainsKey(""));
    }

    [Fact]
    public void A_name_that_is_not_there_is_named()
    {
        Assert.False(Fields.TryGetValue("Ip", out _));
        Assert.Contains("'Ip'", Assert.Throws<KeyNotFoundException>(static () => Fields["Ip"]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(static () => Fields.ContainsKey(null!));
    }

    [Fact]
    public void Only_those_that_are_asked_for_are_kept()
    {
        Assert.Equal(["ip"], Fields.Only(SessionTicket.IsReserved).Keys);
        Assert.Empty(SessionFields.Empty);
    }
}
