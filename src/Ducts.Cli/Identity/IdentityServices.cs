using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Identity;

/// <summary>What makes the command's server know its users: bearer tokens, the schemes of startup.cs, and the keys behind them.</summary>
internal static class IdentityServices
{
    public static void Add(IServiceCollection services, DuctsOptions options)
    {
        services.AddDataProtection().SetApplicationName("ducts");
        services.AddOptions<KeyManagementOptions>().Configure<ILoggerFactory>((keys, loggers) => keys.XmlRepository = new KeyFolder(options.Common.DuctsHome, loggers));
        if (AcceptsTokens(options))
        {
            AddBearerTokens(services, options);
        }
    }

    /// <summary>
    /// Keeps a start from making keys that nobody may ever need; call it behind all that adds services. They are made, or read, when
    /// the first user comes.
    /// </summary>
    public static void MakeKeysLazily(IServiceCollection services)
    {
        var eager = services.Where(static service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly).ToList();
        foreach (var service in eager)
        {
            services.Remove(service);
        }
    }

    /// <summary>Authenticates and authorizes requests, before the endpoints that are mapped run.</summary>
    public static void Use(WebApplication app, DuctsOptions options)
    {
        var services = app.Services.GetRequiredService<IServiceProviderIsService>();
        if (services.IsService(typeof(IAuthenticationSchemeProvider)))
        {
            app.UseAuthentication();
        }

        if (AcceptsTokens(options))
        {
            RefuseTokens(app, options);
        }

        if (services.IsService(typeof(IAuthorizationHandlerProvider)))
        {
            app.UseAuthorization();
        }
    }

    private static bool AcceptsTokens(DuctsOptions options) => options.Auth is { Authority.Length: > 0 } or { SigningKey.Length: > 0 };

    // Not inlined: naming the class loads the libraries that it is made of.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddBearerTokens(IServiceCollection services, DuctsOptions options) => BearerTokens.Add(services, options.Auth);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RefuseTokens(WebApplication app, DuctsOptions options) => BearerTokens.RefuseInDiscovery(app, options.Server);
}
