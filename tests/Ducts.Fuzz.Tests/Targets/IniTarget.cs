using System.Text;
using Ducts.Configuration;

namespace Ducts.Fuzz.Targets;

/// <summary>INI files and values of options: what is wrong is a problem with a line, never an exception.</summary>
internal sealed class IniTarget : IFuzzTarget
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("ducts-fuzz-").FullName, "config_server.ini");

    public string Name => "ini";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. ((string[])
        [
            "[ducts.server_config]\nhttpd_port = 8888\n# comment\nlocal_path_static: htdocs\n",
            "\uFEFF[ducts.auth_config]\r\nallowed_origins = [\"http://a\",\r\n  'http://b']\r\nsession_ttl = 00:01:30\r\n",
            "[web_socket_server]\n\n reconnect_timeout = 1.5\n max_inflight = 0x10\n[web_socket_server]\nmax_inflight = 5\nmax_inflight = 6",
            "[ifconf]\nlog_level = debug\nlog_format = json\nlog_file = a%%b\n more\n\n lines\n",
            "[evt_1000_x_config]\na = {\"b\": [1, (2, None), True, \"\\u0041\\x42\"]}\n",
            "[web_service_discovery]\nwebsocket_url = {ws_scheme}://{ws_host}{{}}{session_id}\n[x\n= y\nz\n[]\n[a] b",
            "[ducts.common_config]\nducts_home = /tmp\npidpath = {ducts_home}/{module}\n[ducts.redis_config]\nredis_uri_main = redis://u:p%%40@h:1/2?x=y\n",
        ]).Select(Encoding.UTF8.GetBytes),
        .. OptionCatalog.Sections.Select(static section => Encoding.UTF8.GetBytes($"[{section.Name}]\n{string.Join('\n', section.Options.Select(static option => option.Name + " = 1"))}\n")),
        [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("[ducts.server_config]\nhttpd_port = 1\n")],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var ini = IniParser.Parse(text, "file", static (section, option) => OptionCatalog.Find(section)?.Find(option) is not null);
        Claim.Proportionate(before, input.Length, factor: 512);
        var lines = 1;
        foreach (var _ in text.AsSpan().EnumerateLines())
        {
            lines++;
        }

        Claim.True(ini.Problems.All(problem => problem.Line >= 1 && problem.Line <= lines && problem.Message.Length > 0));
        Claim.True(ini.Entries.All(entry => entry.Line >= 1 && entry.Line <= lines && entry.Name.Length > 0));
        Claim.Equal(ini.Entries.Count, ini.Entries.Select(static entry => entry.Key).Distinct().Count());
        ReadAgain(ini);
        ReadValues(ini);
        ReadFile(input);
    }

    // What was read and is written again reads as the same.
    private static void ReadAgain(IniFile ini)
    {
        // A name of this kind is no name where it is written first in a line.
        var entries = ini.Entries.Where(static entry => entry.Name[0] is not ('#' or ';' or '[') && !entry.Section.Contains(']', StringComparison.Ordinal)).ToList();
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.Append('[').Append(entry.Section).Append("]\n").Append(entry.Name).Append(" = ");
            // Lines that are empty, or look like comments, would not be more of the value.
            text.Append(OptionText.Escape(entry.Value).Replace("\n", "\n    ", StringComparison.Ordinal)).Append('\n');
        }

        var again = IniParser.Parse(text.ToString(), "file", static (_, _) => false);
        Claim.Equal(entries.Count, again.Entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            Claim.Equal(entries[i].Key, again.Entries[i].Key);
            Claim.Equal(entries[i].Value, again.Entries[i].Value);
        }
    }

    private static void ReadValues(IniFile ini)
    {
        foreach (var entry in ini.Entries)
        {
            LiteralReader.TryRead(entry.Value, out _);
            foreach (var option in OptionCatalog.Sections.SelectMany(static section => section.Options).DistinctBy(static option => (option.Kind, option.Type)))
            {
                if (!OptionText.TryRead(option, entry.Value.Trim(), out var value))
                {
                    Claim.True(option.Refuse(entry.Value).Length > 0);
                }
                else if (value is not null)
                {
                    // What a template prints is read as what it was.
                    var printed = OptionText.Write(value).Replace("%%", "%", StringComparison.Ordinal);
                    Claim.True(OptionText.TryRead(option, printed, out var again));
                    Claim.Equal(OptionText.Write(value), OptionText.Write(again));
                }
            }
        }
    }

    private void ReadFile(ReadOnlySpan<byte> input)
    {
        File.WriteAllBytes(_file, input);
        var result = DuctsConfiguration.Load([_file], "server", []);
        Claim.True(result.Problems.All(static problem => problem.ToString().Length > 0));
    }
}
