using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Ducts.Configuration;

public sealed class DuctsOptionsSetupTests
{
    [Fact]
    public void A_hosted_application_binds_section_Ducts_by_property_or_INI_names()
    {
        var options = new DuctsOptions();
        new DuctsOptionsSetup(Json("""
            {"Ducts": {
              "Server": {"HttpdPort": 9000, "TrustedProxies": ["10.1.0.0/16"], "WebLibFileExtensions": []},
              "ducts.event_config": {"alive_monitoring_interval": 2.5, "Reload": true},
              "evt_1_own": {"a": 1}}}
            """)).Configure(options);
        Assert.Equal(9000, options.Server.HttpdPort);
        Assert.Equal(["10.1.0.0/16"], options.Server.TrustedProxies);
        Assert.Empty(options.Server.WebLibFileExtensions);
        Assert.Equal(TimeSpan.FromSeconds(2.5), options.Event.AliveMonitoringInterval);
        Assert.True(options.Event.Reload);
    }

    [Fact]
    public void Wrong_and_unknown_values_are_named_with_their_path()
    {
        var setup = new DuctsOptionsSetup(Json("""{"Ducts": {"Server": {"HttpdPort": "x", "HttpdPrt": 1}}}"""));
        var failures = Assert.Throws<OptionsValidationException>(() => setup.Configure(new DuctsOptions())).Failures.ToList();
        Assert.Equal(
            [
                "Ducts:Server:HttpdPort = \"x\": expected an integer from 0 to 65535",
                "Ducts:Server:HttpdPrt is unknown; did you mean HttpdPort?",
            ],
            failures);
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("1.5", 1.5)]
    [InlineData("\"3\"", 3)]
    [InlineData("\"00:00:03\"", 3)]
    [InlineData("\"00:01:30.5\"", 90.5)]
    public void A_duration_is_a_number_of_seconds_or_a_time(string json, double seconds)
    {
        var options = new DuctsOptions();
        new DuctsOptionsSetup(Json($$"""{"Ducts": {"WebSocketServer": {"ReconnectTimeout": {{json}} } } }""")).Configure(options);
        Assert.Equal(TimeSpan.FromSeconds(seconds), options.WebSocketServer.ReconnectTimeout);
    }

    [Fact]
    public void A_choice_is_named_as_in_files_or_as_in_code()
    {
        var options = new DuctsOptions();
        new DuctsOptionsSetup(Json("""{"Ducts": {"Redis": {"RedisEmbedded": "never"}, "ifconf": {"LogLevel": "Debug", "log_format": "Json"}}}""")).Configure(options);
        Assert.Equal((EmbeddedRedisMode.Never, DuctsLogLevel.Debug, DuctsLogFormat.Json), (options.Redis.RedisEmbedded, options.Log.LogLevel, options.Log.LogFormat));
    }

    [Theory]
    [InlineData("WebSocketServer", "PingPongInterval", "3 s", "expected a number of seconds from 0.001 to 86400, or a time such as 00:01:30")]
    [InlineData("Redis", "RedisEmbedded", "nevr", "expected one of auto, always, never; did you mean never?")]
    [InlineData("Log", "LogLevel", "Loud", "expected one of DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL")]
    public void A_wrong_duration_or_choice_is_told_what_was_expected(string section, string option, string value, string expected)
    {
        var setup = new DuctsOptionsSetup(Json($$"""{"Ducts": {"{{section}}": {"{{option}}": "{{value}}" } } }"""));
        var failure = Assert.Single(Assert.Throws<OptionsValidationException>(() => setup.Configure(new DuctsOptions())).Failures);
        Assert.Equal($"Ducts:{section}:{option} = \"{value}\": {expected}", failure);
    }

    [Fact]
    public void A_list_of_a_hosted_application_keeps_every_character()
    {
        var options = new DuctsOptions();
        new DuctsOptionsSetup(Json("""{"Ducts": {"Event": {"RedisExecuteCommands": ["a\"b\\", "é😀", ""]}}}""")).Configure(options);
        Assert.Equal(["a\"b\\", "é😀", ""], options.Event.RedisExecuteCommands);
    }

    [Fact]
    public void A_duration_or_choice_of_code_out_of_range_is_told_unit_and_range()
    {
        var options = new DuctsOptions
        {
            WebSocketServer = { PingPongInterval = TimeSpan.FromDays(2), ReconnectTimeout = Timeout.InfiniteTimeSpan },
            Redis = { RedisEmbedded = (EmbeddedRedisMode)7 },
        };
        Assert.Equal(
            [
                "[web_socket_server] ping_pong_interval: 172800 is out of range: expected a number of seconds from 0.001 to 86400, or a time such as 00:01:30",
                "[web_socket_server] reconnect_timeout: -0.001 is out of range: expected a number of seconds from 0 to 604800, or a time such as 00:01:30",
                "[ducts.redis_config] redis_embedded: 7 is unknown: expected one of auto, always, never",
            ],
            new DuctsOptionsValidator().Validate(null, options).Failures);
    }

    [Fact]
    public void Code_is_checked_as_files_are()
    {
        var options = new DuctsOptions { Server = { HttpdPort = -1 } };
        var result = new DuctsOptionsValidator().Validate(null, options);
        Assert.Equal("[ducts.server_config] httpd_port: -1 is out of range: expected an integer from 0 to 65535", result.FailureMessage);
        Assert.True(new DuctsOptionsValidator().Validate(null, new DuctsOptions()).Succeeded);
        Assert.True(new DuctsOptionsValidator().Validate(null, new DuctsOptions { Redis = null! }).Failed);
    }

    private static IConfiguration Json(string text) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(text))).Build();
}
