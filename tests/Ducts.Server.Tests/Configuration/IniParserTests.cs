namespace Ducts.Configuration;

public sealed class IniParserTests
{
    [Theory]
    [InlineData("[s]\na = 1")]
    [InlineData("[s]\na=1\n")]
    [InlineData("[s]\r\na : 1\r\n")]
    [InlineData("\uFEFF[s]\ra:1\r")]
    [InlineData("  [s]\n  a = 1\n")]
    [InlineData("; c\n# c\n[ s ] # c\n\n   # c\na =\t1  \n# c")]
    public void An_option_is_read_in_each_way_of_writing(string text)
    {
        var file = Parse(text);
        Assert.Empty(file.Problems);
        var entry = Assert.Single(file.Entries);
        Assert.Equal(("s", "a", "1"), (entry.Section, entry.Name, entry.Value));
    }

    [Fact]
    public void The_first_delimiter_ends_the_name()
    {
        var file = Parse("[s]\nuri = redis://h:1/0?encoding=utf-8\nurl: a=b");
        Assert.Equal(["redis://h:1/0?encoding=utf-8", "a=b"], file.Entries.Select(static entry => entry.Value));
    }

    [Fact]
    public void Indented_lines_continue_a_value_over_comments_and_empty_lines()
    {
        var file = Parse("[s]\na = [1,\n  # comment\n\n  2]\nb = x");
        Assert.Equal(["[1,\n\n2]", "x"], file.Entries.Select(static entry => entry.Value));
        Assert.Equal([2, 6], file.Entries.Select(static entry => entry.Line));
    }

    [Fact]
    public void An_indented_line_that_is_a_known_option_is_one()
    {
        var file = IniParser.Parse("[s]\na = 1\n x = 1\n b = 2\n c = 3", "f", static (_, option) => option == "b");
        Assert.Equal([("a", "1\nx = 1"), ("b", "2"), ("c", "3")], file.Entries.Select(static entry => (entry.Name, entry.Value)));
    }

    [Fact]
    public void Two_percent_signs_are_one_and_one_stays_one()
    {
        Assert.Equal(["100%", "p%40ss"], Parse("[s]\na = 100%%\nb = p%40ss").Entries.Select(static entry => entry.Value));
    }

    [Theory]
    [InlineData("a = 1", 1, "before the first section")]
    [InlineData("[s]\nnonsense", 2, "neither an option nor a comment")]
    [InlineData("[s]\n= 1", 2, "has no name")]
    [InlineData("[s\na = 1", 1, "no closing bracket")]
    [InlineData("[]\na = 1", 1, "without a name")]
    [InlineData("[s] x", 1, "expected nothing more")]
    [InlineData("[s]\na = 1\nA = 2", 3, "already in line 2")]
    [InlineData("[s]\na = 1\n[S]\nb = 2", 3, "already in line 1")]
    public void A_faulty_line_is_one_problem_with_its_number(string text, int line, string message)
    {
        var problem = Assert.Single(Parse(text).Problems);
        Assert.Equal(line, problem.Line);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_gives_a_file_and_never_an_exception()
    {
        var random = new Random(20260101);
        const string Alphabet = "[]=:#;% \t\n\ra\"'\\\0é\uD800";
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Create(random.Next(40), random, static (span, source) =>
            {
                foreach (ref var c in span)
                    c = Alphabet[source.Next(Alphabet.Length)];
            });
            var lines = text.AsSpan().Count('\n') + text.AsSpan().Count('\r') + 1;
            Assert.All(Parse(text).Problems, problem => Assert.InRange(problem.Line, 1, lines));
        }
    }

    private static IniFile Parse(string text) => IniParser.Parse(text, "f", static (_, _) => false);
}
