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
        Assert.Equal(2.5, options.Event.AliveMonitoringInterval);
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
