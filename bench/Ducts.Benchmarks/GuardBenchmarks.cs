using System.Security.Claims;
using BenchmarkDotNet.Attributes;
using Ducts.Tests.Dispatch;
using Microsoft.AspNetCore.Authorization;

namespace Ducts.Benchmarks;

/// <summary>What it costs that an event asks for a user with certain claims, or has a filter, beside one that does not.</summary>
[MemoryDiagnoser]
public class GuardBenchmarks
{
    private readonly byte[] _text = DispatchHarness.Pack("0123456789abcdef");
    private DispatchHarness _open = null!;
    private DispatchHarness _user = null!;
    private DispatchHarness _role = null!;
    private DispatchHarness _refused = null!;
    private DispatchHarness _filter = null!;

    [GlobalSetup]
    public void SetUp()
    {
        var ada = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada"), new Claim(ClaimTypes.Role, "admin")], "benchmark"));
        _open = new DispatchHarness((string text) => text);
        _user = new DispatchHarness((string text) => text, ada, new AuthorizeAttribute());
        _role = new DispatchHarness((string text) => text, ada, new AuthorizeAttribute { Roles = "admin" });
        _refused = new DispatchHarness((string text) => text, ada, new AuthorizeAttribute { Roles = "owner" });
        _filter = new DispatchHarness((string text) => text, ada, new PassAttribute());
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _open.DisposeAsync();
        await _user.DisposeAsync();
        await _role.DisposeAsync();
        await _refused.DisposeAsync();
        await _filter.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public int Open() => _open.Dispatch(_text);

    [Benchmark]
    public int AuthenticatedUser() => _user.Dispatch(_text);

    [Benchmark]
    public int Role() => _role.Dispatch(_text);

    [Benchmark]
    public int Refused() => _refused.Dispatch(_text);

    [Benchmark]
    public int Filter() => _filter.Dispatch(_text);

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class PassAttribute : Attribute, IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => next(context);
    }
}
