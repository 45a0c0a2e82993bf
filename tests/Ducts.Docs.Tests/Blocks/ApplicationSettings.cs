using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ducts.Docs.Blocks;

/// <summary>A block that is an application's configuration.</summary>
internal static class ApplicationSettings
{
    /// <summary>Reads the options as an application does.</summary>
    /// <exception cref="OptionsValidationException">An option is unknown, or its value cannot be used.</exception>
    public static DuctsOptions Read(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddJsonStream(stream).Build());
        services.AddDucts();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<DuctsOptions>>().Value;
    }
}
