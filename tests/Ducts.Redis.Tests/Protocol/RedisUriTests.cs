namespace Ducts.Redis.Tests;

public sealed class RedisUriTests
{
    [Theory]
    [InlineData("redis://localhost:6379/0?encoding=utf-8", "redis://localhost:6379/0")]
    [InlineData("redis://localhost", "redis://localhost:6379/0")]
    [InlineData("redis://", "redis://localhost:6379/0")]
    [InlineData("redis://10.0.0.1:7000/3", "redis://10.0.0.1:7000/3")]
    [InlineData("redis://h?db=4", "redis://h:6379/4")]
    [InlineData("rediss://user:pa%40ss@host:1/2", "rediss://user:***@host:1/2")]
    [InlineData("redis://:secret@host", "redis://:***@host:6379/0")]
    [InlineData("redis://[::1]:7000", "redis://[::1]:7000/0")]
    [InlineData("redis://a:1,b:2,c/0", "redis://a:1,b:2,c:6379/0")]
    [InlineData("redis://a,b:9?sentinel=main", "redis://a:26379,b:9/0?sentinel=main")]
    [InlineData("unix:///tmp/redis.sock?db=1", "unix:///tmp/redis.sock?db=1")]
    [InlineData("unix:///tmp/with%20space.sock", "unix:///tmp/with space.sock")]
    [InlineData("UNIX:///a", "unix:///a")]
    [InlineData("unix:///tmp/redis@6.sock", "unix:///tmp/redis@6.sock")]
    [InlineData("unix://me:secret@/tmp/redis@6.sock?db=2", "unix://me:***@/tmp/redis@6.sock?db=2")]
    [InlineData("redis://[::1]", "redis://[::1]:6379/0")]
    [InlineData("redis://me:s%3Ae%2Fc%40@[fe80::1]:1,[::2]/0?sentinel=m%20x", "redis://me:***@[fe80::1]:1,[::2]:26379/0?sentinel=m x")]
    [InlineData("rediss://[2001:db8::1]:7000/15?ca_file=%2Ftmp%2Fca.pem", "rediss://[2001:db8::1]:7000/15")]
    public void A_uri_is_read(string text, string expected) => Assert.Equal(expected, RedisUri.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("localhost:6379")]
    [InlineData("http://localhost")]
    [InlineData("redis://host:port")]
    [InlineData("redis://host:0")]
    [InlineData("redis://host:70000")]
    [InlineData("redis://host/x")]
    [InlineData("redis://host/-1")]
    [InlineData("unix://relative")]
    [InlineData("unix:///")]
    [InlineData("redis://a,b/1")]
    public void What_is_no_uri_says_why(string text)
    {
        Assert.False(RedisUri.TryParse(text, out _, out var error));
        Assert.NotEmpty(error);
        Assert.Throws<FormatException>(() => RedisUri.Parse(text));
    }

    [Fact]
    public void The_password_is_decoded_and_never_shown()
    {
        var uri = RedisUri.Parse("redis://me:pa%40s%3As@host");
        Assert.Equal(("me", "pa@s:s"), (uri.User, uri.Password));
        Assert.DoesNotContain("pa@s", uri.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_hosts_are_a_cluster_unless_they_are_Sentinels()
    {
        Assert.True(RedisUri.Parse("redis://a,b").IsCluster);
        Assert.True(RedisUri.Parse("redis://a?cluster=true").IsCluster);
        Assert.False(RedisUri.Parse("redis://a,b?sentinel=x").IsCluster);
        Assert.False(RedisUri.Parse("redis://a").IsCluster);
    }
}
