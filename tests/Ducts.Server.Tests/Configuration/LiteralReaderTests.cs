namespace Ducts.Configuration;

public sealed class LiteralReaderTests
{
    [Theory]
    [InlineData("[\".js\", \".css\"]")]
    [InlineData("['.js', '.css']")]
    [InlineData("('.js', '.css',)")]
    [InlineData(" [ '.js' ,\n\".\\u0063ss\" , ] ")]
    public void Lists_are_read_as_JSON_and_as_Python_prints_them(string text)
    {
        Assert.True(LiteralReader.TryRead(text, out var value));
        Assert.Equal([".js", ".css"], Assert.IsType<List<object?>>(value));
    }

    [Fact]
    public void Words_and_numbers_of_both_languages_are_read()
    {
        Assert.True(LiteralReader.TryRead("[true, True, false, False, null, None, 1, -2, 1.5, 1e3]", out var value));
        Assert.Equal([true, true, false, false, null, null, 1L, -2L, 1.5, 1000.0], Assert.IsType<List<object?>>(value));
    }

    [Fact]
    public void Maps_are_read()
    {
        Assert.True(LiteralReader.TryRead("{'a': 1, \"b\": ['x']}", out var value));
        var map = Assert.IsType<Dictionary<string, object?>>(value);
        Assert.Equal(1L, map["a"]);
        Assert.Equal(["x"], Assert.IsType<List<object?>>(map["b"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[1")]
    [InlineData("[1 2]")]
    [InlineData("[,]")]
    [InlineData("{1: 2}")]
    [InlineData("{'a'}")]
    [InlineData("'a")]
    [InlineData("'\\q'")]
    [InlineData("'\\u12'")]
    [InlineData("[1]]")]
    [InlineData("word")]
    [InlineData("1e999")]
    public void What_is_no_literal_is_refused(string text) => Assert.False(LiteralReader.TryRead(text, out _));

    [Fact]
    public void Nesting_without_end_is_refused() => Assert.False(LiteralReader.TryRead(new string('[', 1_000_000), out _));
}
