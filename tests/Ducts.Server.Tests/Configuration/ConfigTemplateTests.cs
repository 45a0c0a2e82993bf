using System.Text.RegularExpressions;

namespace Ducts.Configuration;

public sealed partial class ConfigTemplateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_option_is_printed_as_the_original_prints_it()
    {
        var text = Print("ducts.server_config");
        Assert.StartsWith("\n[ducts.server_config]\n\n# ", text, StringComparison.Ordinal);
        Assert.Contains("\n\n# inet port to bind (<class 'int'>)\n# httpd_port = 8080\n\n", text, StringComparison.Ordinal);
        Assert.Contains("\n\n# local path for static root (<class 'pathlib.Path'>)\n# local_path_static = htdocs\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("root_path_favicon", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web_socket_server", "# seconds of silence after which a client is asked whether it is there (<class 'float'>)\n# ping_pong_interval = 3\n\n")]
    [InlineData("ducts.auth_config", "# seconds within which a discovery answer must be used (<class 'float'>)\n# session_ttl = 3600\n\n")]
    [InlineData("ducts.redis_config", "always, never (<class 'str'>)\n# redis_embedded = auto\n\n")]
    [InlineData("ifconf", "CRITICAL (<class 'str'>)\n# log_level = INFO\n\n# form of the log: text or json (<class 'str'>)\n# log_format = text\n\n")]
    public void Durations_are_printed_in_seconds_and_choices_by_their_names_in_files(string section, string expected) =>
        Assert.Contains(expected, Print(section), StringComparison.Ordinal);

    [Fact]
    public void The_originals_two_arguments_together_print_each_section_once()
    {
        var heads = Heads().Matches(Print("ducts.server.config") + Print("ducts.redis.config")).Select(static match => match.Value).ToList();
        Assert.Equal(heads.Distinct(), heads);
        Assert.Equal(OptionCatalog.Sections.Select(static section => $"[{section.Name}]").Order(), heads.Order());
        Assert.Equal(Print("ducts.server.config"), Print("ducts.server"));
    }

    [Fact]
    public void An_unknown_name_is_refused_with_a_suggestion()
    {
        Assert.False(ConfigTemplate.TryWrite(new StringWriter(), "ducts.sever_config"));
        Assert.Contains("ducts.server_config", ConfigTemplate.Suggest("ducts.sever_config"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_template_is_read_back_as_the_defaults_with_and_without_its_comment_signs()
    {
        var template = Print("", hidden: true);
        var bare = CommentedOption().Replace(template, "$1");
        foreach (var text in new[] { template, bare, CommentedOption().Replace(template, " $1") })
        {
            var result = DuctsConfiguration.Load([_folder.Write("config.ini", text)], "server", []);
            Assert.Empty(result.Problems);
            Assert.Equal(Values(new DuctsOptions()), Values(result.Options));
        }
        Assert.DoesNotContain("\n# httpd_port", bare, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_has_a_help_text_and_every_property_is_an_option()
    {
        foreach (var section in OptionCatalog.Sections)
        {
            Assert.Equal(section.Type.GetProperties().Length, section.Options.Count);
            Assert.All(section.Options, static option => Assert.NotEqual("", option.Help));
            Assert.All(section.Options, static option => Assert.NotEqual(OptionKind.Other, option.Kind));
        }
    }

    [Fact]
    public void A_handlers_own_options_are_printed_and_bound()
    {
        var writer = new StringWriter { NewLine = "\n" };
        ConfigTemplate.Write(writer, typeof(Neji));
        Assert.Equal("\n[evt_70100_neji_config]\n\n# most items kept (<class 'int'>)\n# max_items = 10\n\n# Names (<class 'list'>)\n# names = [\"a\"]\n\n# Mode (<class 'dict'>)\n# mode = \"Fast\"\n\n", writer.ToString());

        var path = _folder.Write("config.ini", "[evt_70100_neji_config]\nmax_items = 20\nnames = ['x', 'y']\nmode = slow\n");
        var options = Assert.IsType<Neji>(UserSection.Bind(typeof(Neji), DuctsConfiguration.Load([path], "server", []).UserSections));
        Assert.Equal((20, Mode.Slow), (options.MaxItems, options.Mode));
        Assert.Equal(["x", "y"], options.Names);
    }

    [Theory]
    [InlineData("2.5", 2.5)]
    [InlineData("00:01:00", 60)]
    [InlineData("\"00:01:00\"", 60)]
    public void A_duration_of_a_handlers_own_is_seconds_or_a_time(string text, double seconds)
    {
        var writer = new StringWriter { NewLine = "\n" };
        ConfigTemplate.Write(writer, typeof(Own));
        Assert.Equal("\n[evt_70200_own_config]\n\n# Interval (<class 'float'>)\n# interval = 1.5\n\n", writer.ToString());

        var path = _folder.Write("config.ini", $"[evt_70200_own_config]\ninterval = {text}\n");
        var options = Assert.IsType<Own>(UserSection.Bind(typeof(Own), DuctsConfiguration.Load([path], "server", []).UserSections));
        Assert.Equal(TimeSpan.FromSeconds(seconds), options.Interval);
    }

    [Theory]
    [InlineData("max_items = many", "expected an integer")]
    [InlineData("mode = sideways", "expected Mode")]
    [InlineData("max_itms = 1", "did you mean max_items?")]
    public void A_wrong_value_of_a_handlers_own_option_is_named(string line, string message)
    {
        var path = _folder.Write("config.ini", $"[evt_70100_neji_config]\n{line}\n");
        var sections = DuctsConfiguration.Load([path], "server", []).UserSections;
        Assert.Contains(message, Assert.Throws<FormatException>(() => UserSection.Bind(typeof(Neji), sections)).Message, StringComparison.Ordinal);
    }

    internal static Dictionary<string, string> Values(DuctsOptions options) => OptionCatalog.Sections
        .SelectMany(static section => section.Options, static (section, option) => (Section: section, Option: option))
        .Where(static pair => pair.Option.Name != "ducts_home")
        .ToDictionary(static pair => $"{pair.Section.Name}.{pair.Option.Name}", pair => OptionText.Write(pair.Option.Property.GetValue(pair.Section.ValuesOf(options))));

    private static string Print(string name, bool hidden = false)
    {
        var writer = new StringWriter();
        Assert.True(ConfigTemplate.TryWrite(writer, name, hidden));
        return writer.ToString();
    }

    [GeneratedRegex(@"^\[.*\]$", RegexOptions.Multiline)]
    private static partial Regex Heads();

    [GeneratedRegex("^# ([a-z_]+ = )", RegexOptions.Multiline)]
    private static partial Regex CommentedOption();

    internal enum Mode
    {
        Fast,
        Slow,
    }

    [Config("evt_70200_own_config")]
    internal sealed record Own
    {
        public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1.5);
    }

    [Config("evt_70100_neji_config")]
    internal sealed record Neji
    {
        [System.ComponentModel.Description("most items kept")]
        public int MaxItems { get; init; } = 10;

        public List<string> Names { get; init; } = ["a"];

        public Mode Mode { get; init; }
    }
}
