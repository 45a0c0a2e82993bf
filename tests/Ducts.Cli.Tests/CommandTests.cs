using System.Net;
using System.Text;
using System.Xml.Linq;
using Ducts.Scripting;

namespace Ducts.Cli;

public sealed class CommandTests : IAsyncLifetime
{
    private readonly Tool _tool = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _tool.DisposeAsync();

    [Fact]
    public async Task New_makes_a_folder_that_checks_clean_and_keeps_what_is_there()
    {
        _tool.Write("my app/.gitignore", "mine\n");
        var made = await _tool.RunAsync("new", "my app");
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.Contains("cd \"my app\"\n  ducts server start\n", made.Output, StringComparison.Ordinal);
        Assert.Contains("kept     my app/.gitignore", made.Output, StringComparison.Ordinal);
        Assert.Equal("mine\n", await File.ReadAllTextAsync(Path.Combine(_tool.Folder, "my app", ".gitignore")));
        Assert.Contains(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), await File.ReadAllTextAsync(Path.Combine(_tool.Folder, "my app", "handler", "handlers.csproj")), StringComparison.Ordinal);

        Assert.EndsWith("Only this machine can open it. To let others: httpd_addr = 0.0.0.0 in config_server.ini.\n", made.Output, StringComparison.Ordinal);
        Assert.Contains("\nhttpd_addr = 127.0.0.1\n", await File.ReadAllTextAsync(Path.Combine(_tool.Folder, "my app", "config_server.ini")), StringComparison.Ordinal);
        var check = await _tool.RunAsync("config", "check", "--current-dir", "my app");
        Assert.Equal((0, "config_server.ini: no problems.\n"), (check.ExitCode, check.Output));

        var again = await _tool.RunAsync("new", "my app");
        Assert.Equal(0, again.ExitCode);
        Assert.DoesNotContain("created", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_project_of_a_new_folder_builds_what_the_server_compiles()
    {
        await _tool.RunAsync("new");
        _tool.Write("modules/bot.cs", """
            public sealed class Bot : DuctsModule
            {
                public override async Task RunAsync(IModuleContext context, CancellationToken stopping) => await context.Redis.ExecuteAsync("PING");
            }
            """);
        _tool.Write("handler/evt_1002_all.cs", """
            public sealed class All(ILogger<All> log, IConfiguration configuration) : DuctsHandler
            {
                private readonly Topic<string> _topic = new();

                [WebApi("GET", "/x")]
                public IResult Web(ClaimsPrincipal user, [FromQuery] string q) => Results.Ok($"{q} {user.Identity?.Name} {log} {configuration}");

                public IAsyncEnumerable<string> Handle(IEventSession session) => _topic.Subscribe();

                public static async Task<string?> GetAsync(HttpClient http) => await http.GetFromJsonAsync<string>("x");
            }
            """);

        // A build takes longer than a command.
        var build = await _tool.ShellAsync("dotnet build handler -nologo -nodeReuse:false -p:UseSharedCompilation=false 2>&1", TimeSpan.FromMinutes(5));
        Assert.True(build.ExitCode == 0, build.Output);
        Assert.Contains(" 0 Warning(s)", build.Output, StringComparison.Ordinal);

        var moved = await _tool.ShellAsync("dotnet build handler -nologo -nodeReuse:false -p:DuctsFolder=/nowhere 2>&1", TimeSpan.FromMinutes(5));
        Assert.Equal(1, moved.ExitCode);
        Assert.Contains("There is no ducts command in /nowhere. Set DuctsFolder in handlers.csproj", moved.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_project_of_a_new_folder_imports_what_the_server_imports()
    {
        await _tool.RunAsync("new");
        var project = XDocument.Load(Path.Combine(_tool.Folder, "handler", "handlers.csproj"));
        string[] fromSdk = ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks"];
        var imported = project.Descendants("Using").Select(static use => use.Attribute("Include")!.Value).Concat(fromSdk);
        Assert.Equal(ImplicitUsings.Namespaces, imported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task New_into_a_file_says_so()
    {
        _tool.Write("taken", "");
        var result = await _tool.RunAsync("new", "taken");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("taken cannot be filled: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_guides_two_commands_print_a_file_that_is_read()
    {
        var printed = await _tool.ShellAsync("\"$DUCTS\" config ducts.server.config > config_server.ini && \"$DUCTS\" config ducts.redis.config >> config_server.ini && sed -i 's/^# httpd_port = .*/httpd_port = 8888/' config_server.ini && \"$DUCTS\" config check");
        Assert.Equal((0, "config_server.ini: no problems.\n"), (printed.ExitCode, printed.Output));
    }

    [Fact]
    public async Task Check_prints_each_problem_with_its_line_and_fails()
    {
        _tool.Environment.Clear();
        _tool.Write("config_server.ini", "[ducts.server_config]\nhttpd_port = many\nhttpd_prt = 1\n[ducts.sever_config]\n");
        var result = await _tool.RunAsync("config", "check");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            """
            config_server.ini(2): [ducts.server_config] httpd_port = "many": expected an integer from 0 to 65535 [error]
            config_server.ini(3): [ducts.server_config] has no option httpd_prt; did you mean httpd_port? [warning]
            config_server.ini(4): section [ducts.sever_config] is unknown; did you mean ducts.server_config? [warning]

            """,
            result.Output);
    }

    [Theory]
    [InlineData("sever start", "ducts has no command sever; did you mean server?")]
    [InlineData("server strat", "ducts server has no command strat; did you mean start?")]
    [InlineData("server start --wach", "ducts server start has no option --wach; did you mean --watch?")]
    [InlineData("server", "ducts server needs one of start, run, stop, restart, status.")]
    [InlineData("robot start", "robot is neither a command nor a module: there is no file ./modules/robot.cs.")]
    [InlineData("config ducts.sever", "Section ducts.sever is unknown; did you mean ducts.server?")]
    [InlineData("new a b", "ducts new takes nothing like \"b\" there.")]
    [InlineData("server start -c none.ini", "none.ini: no such file.")]
    [InlineData("server status --current-dir none", "--current-dir none: no such folder.")]
    [InlineData("events ftp://x", "ftp://x is no address of a server: expected one such as http://localhost:8080/")]
    [InlineData("events http://127.0.0.1:1", "http://127.0.0.1:1/ducts/libs/events.json cannot be read: Connection refused")]
    public async Task A_faulty_command_line_is_told_what_is_wrong(string line, string message)
    {
        var result = await _tool.RunAsync(line.Split(' '));
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        var result = await _tool.RunAsync();
        Assert.Equal(0, result.ExitCode);
        foreach (var command in new[] { "new", "config", "server", "events" })
            Assert.Contains($"\n  {command} ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ducts/")]
    [InlineData("ducts/wsd")]
    [InlineData("ducts/libs/events.json")]
    public async Task Events_are_printed_as_a_table_from_any_address_of_the_server(string path)
    {
        using var server = new HttpListener();
        var root = Listen(server);
        var answer = AnswerAsync(server, "/ducts/libs/events.json", """[{"id":0,"key":"ALIVE_MONITORING","callback":true,"description":""},{"id":1000,"key":"HELLO","callback":false,"responsive":true,"description":"Says\u001b[2J hello"}]""");
        var result = await _tool.RunAsync("events", root + path);
        await answer;
        Assert.Equal(
            """
              ID  KEY               ANSWER  DESCRIPTION
               0  ALIVE_MONITORING  stream
            1000  HELLO             reply   Says [2J hello

            """,
            result.Output);
    }

    [Fact]
    public async Task A_page_that_is_no_event_list_is_refused()
    {
        using var server = new HttpListener();
        var root = Listen(server);
        var answer = AnswerAsync(server, "/ducts/libs/events.json", "{}");
        var result = await _tool.RunAsync("events", root);
        await answer;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is not the event list of a Ducts server", result.Error, StringComparison.Ordinal);
    }

    private static string Listen(HttpListener server)
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var root = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        probe.Stop();
        server.Prefixes.Add(root);
        server.Start();
        return root;
    }

    private static async Task AnswerAsync(HttpListener server, string path, string body)
    {
        var request = await server.GetContextAsync();
        Assert.Equal(path, request.Request.Url!.AbsolutePath);
        request.Response.ContentType = "application/json";
        await request.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        request.Response.Close();
    }
}
