namespace Ducts.Configuration;

public sealed class DuctsConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Values_of_every_kind_are_read()
    {
        var options = Sound("""
            [DUCTS.server_config]
            HTTPD_PORT : 8888
            behind_nginx = yes
            local_path_static = 'my docs'
            web_lib_file_extensions = ['.js',
                '.mjs']
            [web_socket_server]
            ping_pong_interval = 1.5
            [ifconf]
            log_file = ducts.log
            log_max_bytes = 1000
            [ducts.redis_config]
            redis_uri_main = redis://:p%%40ss@localhost/1
            [ducts.event_config]
            strict = off
            reload = None
            """).Options;
        Assert.Equal(8888, options.Server.HttpdPort);
        Assert.True(options.Server.BehindNginx);
        Assert.Equal("my docs", options.Server.LocalPathStatic);
        Assert.Equal([".js", ".mjs"], options.Server.WebLibFileExtensions);
        Assert.Equal(TimeSpan.FromSeconds(1.5), options.WebSocketServer.PingPongInterval);
        Assert.Equal(1000, options.Log.LogMaxBytes);
        Assert.Equal("redis://:p%40ss@localhost/1", options.Redis.RedisUriMain);
        Assert.False(options.Event.Reload);
    }

    [Theory]
    [InlineData("[ducts.server_config]\n\nhttpd_port = 80x0", 3, "[ducts.server_config] httpd_port = \"80x0\": expected an integer from 0 to 65535")]
    [InlineData("[ducts.server_config]\nhttpd_port = 8888    # commented-in", 2, "a comment has to stand on a line of its own")]
    [InlineData("[ducts.server_config]\nhttpd_port = 65536", 2, "65536 is out of range: expected an integer from 0 to 65535")]
    [InlineData("[ducts.server_config]\nhttpd_port = 99999999999999999999", 2, "expected an integer from 0 to 65535")]
    [InlineData("[ducts.server_config]\nhttpd_addr = 1.2.3.4.5", 2, "expected an IP address")]
    [InlineData("[ducts.server_config]\nbehind_nginx = maybe", 2, "expected a bool: 1, yes, true, on, or 0, no, false, off")]
    [InlineData("[ducts.server_config]\nweb_lib_file_extensions = .js, .css", 2, "expected a list in brackets")]
    [InlineData("[ducts.server_config]\nweb_lib_file_extensions = ['js']", 2, "expected a dot and letters")]
    [InlineData("[ducts.server_config]\nbehind_nginx = true\ntrusted_proxies = []", 2, "no proxy would be believed")]
    [InlineData("[ducts.server_config]\ntrusted_proxies = ['10.0.0.0/99']", 2, "is no network")]
    [InlineData("[ducts.server_config]\nroot_path_static = /ducts", 2, "expected two different paths")]
    [InlineData("[ducts.server_config]\nroot_path_ducts = ducts", 2, "begins with /")]
    [InlineData("[ducts.server_config]\nrelative_path_api = /wsd/", 2, "is relative_path_web_service_discovery too")]
    [InlineData("[ducts.server_config]\napi_path_event_id = events/id", 2, "expected {event_id} in it")]
    [InlineData("[ducts.server_config]\njsonp_callback_default = alert(1)", 2, "expected a JavaScript name")]
    [InlineData("[ducts.common_config]\nducts_home =", 2, "is empty: expected a path")]
    [InlineData("[ducts.context_config]\nducts_home =", 2, "is empty: expected a path")]
    [InlineData("[ducts.common_config]\nducts_home = a\0b", 2, "is no text")]
    [InlineData("[web_service_discovery]\nwebsocket_url = ws://h/{sesion_id}/{session_id}", 2, "{sesion_id} is unknown; did you mean session_id?")]
    [InlineData("[web_service_discovery]\nwebsocket_url = ws://h/", 2, "expected {session_id} in it")]
    [InlineData("[web_socket_server]\nping_pong_interval = 0", 2, "0 is out of range: expected a number of seconds from 0.001 to 86400")]
    [InlineData("[web_socket_server]\nping_pong_interval = nan", 2, "expected a number of seconds")]
    [InlineData("[web_socket_server]\noutbox_limit = 4096\n", 0, "one piece has to fit the queue")]
    [InlineData("[ducts.event_config]\nplugin_filename_pattern = evt_*.py", 2, "names no C# files")]
    [InlineData("[ducts.event_config]\nplugin_filename_pattern = a/evt_*.cs", 2, "without folders")]
    [InlineData("[ducts.redis_config]\nredis_uri_main = localhost:6379", 2, "expected redis://host:port/db")]
    [InlineData("[ducts.redis_config]\nredis_embedded = allways", 2, "expected one of auto, always, never; did you mean always?")]
    [InlineData("[ducts.redis_config]\nredis_uri_main = redis://h/0\nredis_embedded = always", 3, "would not be used")]
    [InlineData("[web_socket_server]\nreconnect_timeout = -1", 2, "-1 is out of range: expected a number of seconds from 0 to 604800")]
    [InlineData("[web_socket_server]\nshutdown_timeout = 1e300", 2, "expected a number of seconds from 0 to 3600, or a time such as 00:01:30")]
    [InlineData("[web_socket_server]\nstall_timeout = 25:00:00", 2, "expected a number of seconds from 0.001 to 604800")]
    [InlineData("[ducts.redis_config]\nredis_command_timeout = 5 s", 2, "expected a number of seconds from 0.01 to 3600")]
    [InlineData("[ifconf]\nlog_level = INFORM", 2, "expected one of DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL; did you mean INFO?")]
    [InlineData("[ifconf]\nlog_level = 1", 2, "expected one of DEBUG, INFO")]
    [InlineData("[ifconf]\nlog_format = jsn", 2, "expected one of text, json; did you mean json?")]
    [InlineData("[ducts.server_config]\njsonp_callback_default = default", 2, "expected a JavaScript name")]
    [InlineData("[web_service_discovery]\nwebsocket_host = {ws_host", 2, "never closed")]
    [InlineData("[web_service_discovery]\nwebsocket_url = ws://h/{{session_id}}", 2, "expected {session_id} in it")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['https://a.example/']", 2, "is no origin")]
    [InlineData("[ducts.common_config]\npidpath = {home}/x", 2, "{home} is unknown")]
    [InlineData("[ducts.common_config]\nducts_home = /a\n[ducts.context_config]\nducts_home = /b", 4, "differs from ducts_home in [ducts.common_config]")]
    [InlineData("[ifconf]\nlog_level = LOUD", 2, "expected one of DEBUG, INFO")]
    [InlineData("[ifconf]\nlog_max_bytes = 100", 2, "needs log_file")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['https://a.example/path']", 2, "is no origin")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['https://user@a.example']", 2, "is no origin")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['https://a.example#x']", 2, "is no origin")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['a.example']", 2, "is no origin")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['https://*.a.example']", 2, "is no origin")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['https://a.example:99999']", 2, "is no origin")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['ftp://a.example']", 2, "is no origin")]
    [InlineData("[ducts.auth_config]\nallowed_origins = ['null']", 2, "deliver the page from a server")]
    [InlineData("[ducts.auth_config]\nallowed_hosts = ['https://a.example']", 2, "is no host: expected a name")]
    [InlineData("[ducts.auth_config]\nallowed_hosts = ['a.example:8080']", 2, "is no host")]
    [InlineData("[ducts.auth_config]\nallowed_hosts = ['a.*.example']", 2, "is no host")]
    [InlineData("[ducts.auth_config]\nallowed_hosts = ['a..example']", 2, "is no host")]
    [InlineData("[ducts.auth_config]\nstream_key_for_session_opened =", 2, "expected the key of a Redis stream")]
    [InlineData("[ducts.auth_config]\nstream_key_for_session_closed = SESSION/2020", 2, "expected two different keys")]
    [InlineData("[ducts.server_config]\nhttpd_addr = 8080", 2, "is no address")]
    [InlineData("[ducts.server_config]\nlocal_path_static =", 2, "is empty: expected a path")]
    [InlineData("[ducts.server_config]\nlocal_path_libs = ''", 2, "is empty: expected a path")]
    [InlineData("[ducts.server_config]\nroot_path_ducts = /a%20b/", 2, "is no path")]
    [InlineData("[ducts.server_config]\nroot_path_ducts = /a/../b", 2, "is no path")]
    [InlineData("[ducts.server_config]\nroot_path_static = /a//b", 2, "is no path")]
    [InlineData("[ducts.server_config]\nroot_path_static = /DUCTS/", 2, "expected two different paths")]
    [InlineData("[ducts.server_config]\nroot_path_favicon = /", 2, "is the path of the start page too")]
    [InlineData("[ducts.server_config]\nroot_path_favicon = /ducts/wsd", 2, "is the path of relative_path_web_service_discovery too")]
    [InlineData("[ducts.server_config]\nroot_path_favicon = /healthz", 2, "is the path of the health check too")]
    [InlineData("[ducts.server_config]\nrelative_path_api = a?b", 2, "is no path")]
    [InlineData("[ducts.server_config]\nrelative_path_api = WSD", 2, "is relative_path_web_service_discovery too")]
    [InlineData("[ducts.server_config]\nrelative_path_libs_dir = {libs}", 2, "is no path")]
    [InlineData("[ducts.server_config]\nrelative_path_websocket = api/v1/event", 2, "is the path of")]
    [InlineData("[ducts.server_config]\napi_path_event_id = event/{event_id}/{event_id}", 2, "expected {event_id} in it, once")]
    [InlineData("[ducts.server_config]\napi_path_event_id = {event_id}/{more}", 2, "is no path")]
    [InlineData("[ducts.server_config]\nweb_lib_file_extensions = ['.tar.gz']", 2, "is no extension")]
    [InlineData("[ducts.server_config]\nweb_lib_file_extensions = ['.js ']", 2, "is no extension")]
    [InlineData("[web_service_discovery]\nwebsocket_url = http://h/{session_id}", 2, "expected one that begins with ws://, wss:// or {ws_scheme}://")]
    [InlineData("[web_service_discovery]\nwebsocket_url_reconnect = {root_path_websocket}{session_id}", 2, "is no address")]
    [InlineData("[web_service_discovery]\napi_url_root = {api_host}{root_path_api}", 2, "expected one that begins with http://, https:// or {api_scheme}://")]
    [InlineData("[ducts.redis_config]\nredis_uri_main = redis://localhost:99999/0", 2, "'99999' is no port")]
    [InlineData("[ducts.redis_config]\nredis_uri_main = redis://localhost/main", 2, "'main' is no database")]
    [InlineData("[ducts.redis_config]\nredis_uri_main = unix://redis.sock", 2, "needs an absolute path")]
    [InlineData("[ducts.event_config]\nredis_execute_commands = ['CONFIG GET']", 2, "expected its first word")]
    [InlineData("[ducts.event_config]\nredis_execute_commands = ['GET', 'eval']\nredis_execute_keys = ['a:*']", 3, "cannot limit eval")]
    [InlineData("[ducts.blobs_config]\nblobs = write-only", 2, "expected one of read-write, read-only, off")]
    [InlineData("[ducts.blobs_config]\nblobs_max_size = 536870913", 2, "536870912")]
    [InlineData("[ducts.event_config]\nlocal_path_handler =", 2, "is empty: expected a path")]
    [InlineData("[ducts.common_config]\npidpath =", 2, "is empty: expected a path")]
    [InlineData("[ducts.tls_config]\nkey = k.pem", 2, "needs certificate")]
    public void A_wrong_value_is_an_error_with_file_line_and_what_was_expected(string text, int line, string message)
    {
        var path = _folder.Write("config_server.ini", text);
        var result = DuctsConfiguration.Load([path], "server", []);
        var problem = Assert.Single(result.Problems);
        Assert.Equal(ConfigSeverity.Error, problem.Severity);
        Assert.Equal((line == 0 ? "" : path, line), (problem.Source, problem.Line));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.True(result.HasErrors);
    }

    [Theory]
    [InlineData("", ConfigSeverity.Warning)]
    [InlineData("[ducts.event_config]\nstrict = true\n", ConfigSeverity.Error)]
    public void What_is_unknown_warns_and_fails_a_strict_start(string head, ConfigSeverity severity)
    {
        var path = _folder.Write("c.ini", $"{head}[ducts.server_config]\nhttp_port = 1\nreconnect_timeout = 2\n[ducts.sever_config]\na = 1\n[evt_1000_x]\nb = 2\n");
        var result = DuctsConfiguration.Load([path], "server", []);
        Assert.Collection(
            result.Problems,
            problem => Assert.Equal((severity, "[ducts.server_config] has no option http_port; did you mean httpd_port?"), (problem.Severity, problem.Message)),
            problem => Assert.Equal((severity, "[ducts.server_config] has no option reconnect_timeout; it belongs to [web_socket_server]"), (problem.Severity, problem.Message)));
        var unknown = Assert.Single(result.FindUnknownSections(["evt_1000_x"]));
        Assert.Equal((severity, "section [ducts.sever_config] is unknown; did you mean ducts.server_config?"), (unknown.Severity, unknown.Message));
        Assert.Equal("2", result.UserSections["evt_1000_x:b"]);
    }

    [Fact]
    public void Options_of_the_original_without_meaning_are_noted_and_nothing_more()
    {
        var result = Sound("[ducts.auth_config]\nhash_algorithm = sha1\n[ducts.context_config]\nmax_workers = 4\nmodule_path_x = y");
        Assert.Equal(3, result.Notes.Count);
        Assert.EndsWith("c.ini(2): hash_algorithm has no meaning here and is ignored", result.Notes[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("1.5", 1.5)]
    [InlineData("0.29", 0.29)]
    [InlineData("'2.5'", 2.5)]
    [InlineData("1e1", 10)]
    [InlineData("00:00:03", 3)]
    [InlineData("00:00:00.250", 0.25)]
    [InlineData("None", 3)]
    public void A_duration_is_seconds_or_a_time_in_files_and_in_the_environment(string text, double seconds)
    {
        var file = Sound($"[web_socket_server]\nping_pong_interval = {text}").Options.WebSocketServer;
        Assert.Equal(TimeSpan.FromMilliseconds((long)(seconds * 1000)), file.PingPongInterval);
        var variable = DuctsConfiguration.Load([_folder.Write("a.ini", "")], "server", Environment(("DUCTS_WEB_SOCKET_SERVER__PING_PONG_INTERVAL", text)));
        Assert.Empty(variable.Problems);
        Assert.Equal(file.PingPongInterval, variable.Options.WebSocketServer.PingPongInterval);
    }

    [Fact]
    public void A_duration_of_the_environment_out_of_range_is_an_error_with_unit_and_range()
    {
        var result = DuctsConfiguration.Load([_folder.Write("a.ini", "")], "server", Environment(("DUCTS_AUTH__SESSION_TTL", "366.00:00:00")));
        Assert.Equal(
            "DUCTS_AUTH__SESSION_TTL: [ducts.auth_config] session_ttl: 31622400 is out of range: expected a number of seconds from 0.001 to 31536000, or a time such as 00:01:30",
            Assert.Single(result.Problems).ToString());
    }

    [Theory]
    [InlineData("redis_embedded = never", EmbeddedRedisMode.Never)]
    [InlineData("redis_embedded = ALWAYS", EmbeddedRedisMode.Always)]
    [InlineData("redis_embedded = \"auto\"", EmbeddedRedisMode.Auto)]
    [InlineData("redis_embedded = None", EmbeddedRedisMode.Auto)]
    public void A_choice_is_read_in_any_case(string line, EmbeddedRedisMode mode) =>
        Assert.Equal(mode, Sound($"[ducts.redis_config]\n{line}").Options.Redis.RedisEmbedded);

    [Theory]
    [InlineData("NOTICE", DuctsLogLevel.Notice)]
    [InlineData("notice", DuctsLogLevel.Notice)]
    [InlineData("INFO", DuctsLogLevel.Information)]
    [InlineData("Information", DuctsLogLevel.Information)]
    public void A_log_level_is_read_by_its_name_in_files_and_in_code(string text, DuctsLogLevel level)
    {
        Assert.Equal(level, Sound($"[ifconf]\nlog_level = {text}\nlog_format = JSON").Options.Log.LogLevel);
        var result = DuctsConfiguration.Load([_folder.Write("a.ini", "")], "server", Environment(("DUCTS_IFCONF__LOG_LEVEL", text)));
        Assert.Equal(level, result.Options.Log.LogLevel);
    }

    [Fact]
    public void Options_of_blobs_are_read_and_checked()
    {
        var blobs = Sound("[Ducts.blobs_config]\nblobs = read-only\nblobs_delete_all = yes\nblobs_buffer_ttl = 60\nblobs_max_size = 1024\n").Options.Blobs;
        Assert.Equal((BlobsMode.ReadOnly, true, TimeSpan.FromMinutes(1), 1024L), (blobs.Blobs, blobs.BlobsDeleteAll, blobs.BlobsBufferTtl, blobs.BlobsMaxSize));

        var defaults = Sound("").Options.Blobs;
        Assert.Equal((BlobsMode.ReadWrite, false, TimeSpan.FromHours(1), 512L * 1024 * 1024), (defaults.Blobs, defaults.BlobsDeleteAll, defaults.BlobsBufferTtl, defaults.BlobsMaxSize));

        var variable = DuctsConfiguration.Load([_folder.Write("a.ini", "[ducts.blobs_config]\n")], "server", Environment(("DUCTS_BLOBS__BLOBS", "off")));
        Assert.Equal(BlobsMode.Off, variable.Options.Blobs.Blobs);
    }

    [Theory]
    [InlineData("https://a.example:443")]
    [InlineData("http://a.example:80")]
    [InlineData("HTTPS://A.Example")]
    [InlineData("https://bücher.example")]
    [InlineData("wss://a.example")]
    [InlineData("https://[2001:db8::1]:8443")]
    [InlineData("capacitor://localhost")]
    [InlineData("*")]
    public void An_origin_may_be_written_otherwise_than_browsers_send_it(string origin) =>
        Assert.Equal([origin], Sound($"[ducts.auth_config]\nallowed_origins = ['{origin}']").Options.Auth.AllowedOrigins);

    [Theory]
    [InlineData("ducts.example.org")]
    [InlineData("*.example.org")]
    [InlineData("my_host")]
    [InlineData("bücher.example")]
    [InlineData("192.0.2.1")]
    [InlineData("::1")]
    [InlineData("*")]
    public void A_host_is_a_name_or_an_address(string host) =>
        Assert.Equal([host], Sound($"[ducts.auth_config]\nallowed_hosts = ['{host}']").Options.Auth.AllowedHosts);

    [Fact]
    public void The_addresses_of_discovery_may_be_those_of_another_host()
    {
        var options = Sound("[web_service_discovery]\nwebsocket_url = wss://ws.example.org:{httpd_port}/{session_id}\napi_url_root = {api_scheme}://api.example.org{root_path_api}").Options;
        Assert.Equal("wss://ws.example.org:{httpd_port}/{session_id}", options.WebServiceDiscovery.WebsocketUrl);
    }

    [Fact]
    public void Templates_of_discovery_may_name_the_path_of_the_libraries() =>
        Assert.Equal("{root_path_libs}", Sound("[web_service_discovery]\napi_host = {root_path_libs}").Options.WebServiceDiscovery.ApiHost);

    [Fact]
    public void The_first_file_wins_and_the_environment_before_it()
    {
        var first = _folder.Write("a.ini", "[ducts.server_config]\nhttpd_port = 1\nhttpd_addr = 127.0.0.1\n");
        var second = _folder.Write("b.ini", "[ducts.server_config]\nhttpd_port = 2\nlocal_path_static = docs\n[evt_1_x_config]\na = 1\n");
        var result = DuctsConfiguration.Load([first, second], "server", Environment(
            ("DUCTS_SERVER__HTTPD_PORT", "9000"), ("DUCTS_EVT_1_X__A", "2"), ("DUCTS_SERVER_CONFIG__RELATIVE_PATH_API", "rest"), ("PATH", "/bin"), ("DUCTS_OTHER", "x")));
        Assert.Empty(result.Problems);
        Assert.Equal(9000, result.Options.Server.HttpdPort);
        Assert.Equal("127.0.0.1", result.Options.Server.HttpdAddr);
        Assert.Equal("docs", result.Options.Server.LocalPathStatic);
        Assert.Equal("rest", result.Options.Server.RelativePathApi);
        Assert.Equal("2", result.UserSections["evt_1_x_config:a"]);
    }

    [Theory]
    [InlineData("DUCTS_IFCONF__LOG_LEVEL", "ifconf", "log_level")]
    [InlineData("DUCTS_COMMON__PIDPATH", "ducts.common_config", "pidpath")]
    [InlineData("DUCTS_WEB_SOCKET_SERVER__MAX_DEPTH", "web_socket_server", "max_depth")]
    [InlineData("DUCTS_WEB_SERVICE_DISCOVERY__API_HOST", "web_service_discovery", "api_host")]
    public void Each_section_has_its_variables(string variable, string section, string option)
    {
        var entry = Assert.Single(EnvironmentEntries.Read(Environment((variable, " 1 ")), []));
        Assert.Equal((section, option, "1", variable), (entry.Section, entry.Name, entry.Value, entry.Source));
    }

    [Fact]
    public void A_wrong_variable_is_an_error_that_names_it()
    {
        var result = DuctsConfiguration.Load([_folder.Write("a.ini", "")], "server", Environment(("DUCTS_SERVER__HTTPD_PORT", "x")));
        Assert.Equal("DUCTS_SERVER__HTTPD_PORT: [ducts.server_config] httpd_port = \"x\": expected an integer from 0 to 65535", Assert.Single(result.Problems).ToString());
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error_that_says_why()
    {
        Assert.Contains("no such file", Problem(Path.Combine(_folder.Path, "none.ini")), StringComparison.Ordinal);
        Assert.Contains("is a folder", Problem(_folder.Path), StringComparison.Ordinal);
        var latin = Path.Combine(_folder.Path, "latin.ini");
        File.WriteAllBytes(latin, [.. "[a]\nb = "u8, 0xE9, .. "\n"u8]);
        Assert.Contains("(2): is not UTF-8", Problem(latin), StringComparison.Ordinal);

        static string Problem(string path) => Assert.Single(DuctsConfiguration.Load([path], "server", []).Problems).ToString();
    }

    [Theory]
    [InlineData("utf-16", true, "is UTF-16: expected an INI file saved as UTF-8")]
    [InlineData("utf-16BE", true, "is UTF-16: expected an INI file saved as UTF-8")]
    [InlineData("utf-16", false, "is UTF-16 or no text: expected an INI file saved as UTF-8")]
    [InlineData("utf-32", true, "is UTF-32: expected an INI file saved as UTF-8")]
    [InlineData("utf-8", true, null)]
    public void A_file_in_another_encoding_gives_one_error(string encoding, bool withMark, string? message)
    {
        var form = System.Text.Encoding.GetEncoding(encoding);
        var path = Path.Combine(_folder.Path, "a.ini");
        File.WriteAllBytes(path, [.. withMark ? form.GetPreamble() : [], .. form.GetBytes("[ducts.server_config]\nhttpd_port = 1\n\nhttpd_addr = 127.0.0.1\n")]);
        var problems = DuctsConfiguration.Load([path], "server", []).Problems;
        Assert.Equal(message is null ? [] : [$"{path}: {message}"], problems.Select(static problem => problem.ToString()));
    }

    [Fact]
    public void A_file_that_is_no_text_gives_one_error()
    {
        var path = Path.Combine(_folder.Path, "a.ini");
        File.WriteAllBytes(path, [.. "[a]\nELF"u8, 0, 1, .. "x\ny\nz\n"u8]);
        Assert.Equal($"{path}(2): is no text: expected an INI file saved as UTF-8", Assert.Single(DuctsConfiguration.Load([path], "server", []).Problems).ToString());
    }

    [Fact]
    public void Ducts_home_is_absolute_and_paths_start_from_it()
    {
        var options = Sound("[ducts.context_config]\nducts_home = /srv/app\n").Options;
        Assert.Equal("/srv/app/handler", options.GetFullPath(options.Event.LocalPathHandler));
        Assert.Equal("/x", options.GetFullPath("/x"));
        Assert.Equal(Directory.GetCurrentDirectory(), Sound("").Options.Common.DuctsHome);
    }

    private DuctsConfigurationResult Sound(string text)
    {
        var result = DuctsConfiguration.Load([_folder.Write("c.ini", text)], "server", []);
        Assert.Empty(result.Problems);
        return result;
    }

    private static KeyValuePair<string, string?>[] Environment(params (string Name, string Value)[] variables) =>
        [.. variables.Select(static variable => KeyValuePair.Create<string, string?>(variable.Name, variable.Value))];
}
