using System.Reflection;
using System.Text.Json;
using Ducts.Dispatch.Errors;
using Ducts.Redis;

namespace Ducts.Tests.Dispatch.Errors;

public class ErrorMapperTests
{
    private static readonly Assembly Code = typeof(ErrorMapperTests).Assembly;

    public static TheoryData<Exception, string> Shown => new()
    {
        { new KeyNotFoundException("no such group"), "KeyError('no such group')" },
        { new ArgumentException("bad"), "ValueError('bad')" },
        { new ArgumentOutOfRangeException(null, "too far"), "ValueError('too far')" },
        { new FormatException("bad"), "ValueError('bad')" },
        { new UriFormatException("bad"), "ValueError('bad')" },
        { new OverflowException("bad"), "ValueError('bad')" },
        { new JsonException("bad"), "ValueError('bad')" },
        { new UnauthorizedAccessException("no"), "PermissionError('no')" },
        { new TimeoutException("late"), "TimeoutError('late')" },
        { new FileNotFoundException("gone"), "FileNotFoundError('gone')" },
        { new NotSupportedException("never"), "NotImplementedError('never')" },
        { new PlatformNotSupportedException("never here"), "NotImplementedError('never here')" },
        { new NotImplementedException("not yet"), "NotImplementedError('not yet')" },
        { new RedisUnavailableException("gone"), "ConnectionError('gone')" },
        { new RedisErrorException("READONLY You can't write against a read only replica."), "ConnectionError('Redis refuses commands at the moment: READONLY')" },
        { new RedisErrorException("MISCONF Errors writing to /secret"), "ConnectionError('Redis refuses commands at the moment: MISCONF')" },
        { new EventException("PermissionError", "ask Ann"), "PermissionError('ask Ann')" },
        { new EventException("RuntimeError", "out of ducks"), "RuntimeError('out of ducks')" },
        { new TaskCanceledException("late", new TimeoutException("100 s are over")), "TimeoutError('100 s are over')" },
    };

    [Theory]
    [MemberData(nameof(Shown), DisableDiscoveryEnumeration = true)]
    public void An_exception_of_the_table_is_sent_with_its_message(Exception exception, string expected)
    {
        var error = ErrorMapper.Map(exception, Code, detailed: false, cancelled: false);

        Assert.Equal(expected, error.ToString());
        Assert.Null(error.Reference);
    }

    [Theory]
    [MemberData(nameof(Shown), DisableDiscoveryEnumeration = true)]
    public void What_wraps_an_exception_is_looked_through(Exception exception, string expected)
    {
        var wrapped = new AggregateException(new TargetInvocationException(new AggregateException(exception, new InvalidOperationException())));

        Assert.Equal(expected, ErrorMapper.Map(wrapped, Code, detailed: false, cancelled: false).ToString());
    }

    public static TheoryData<Exception> Hidden =>
    [
        new InvalidOperationException("password=secret"),
        new IOException("secret"),
        new DirectoryNotFoundException("/secret"),
        new RedisErrorException("WRONGPASS secret"),
        new ArithmeticException("secret"),
        new AggregateException("secret"),
        new OperationCanceledException("secret"),
    ];

    [Theory]
    [MemberData(nameof(Hidden), DisableDiscoveryEnumeration = true)]
    public void Any_other_exception_is_hidden_behind_a_reference(Exception exception)
    {
        var error = ErrorMapper.Map(exception, Code, detailed: false, cancelled: false);

        Assert.Matches("^[0-9a-f]{8}$", error.Reference);
        Assert.Equal($"RuntimeError('internal error, reference {error.Reference}')", error.ToString());
    }

    [Fact]
    public void References_differ()
    {
        var one = ErrorMapper.Map(new IOException(), Code, detailed: false, cancelled: false);
        var other = ErrorMapper.Map(new IOException(), Code, detailed: false, cancelled: false);

        Assert.NotEqual(one.Reference, other.Reference);
    }

    [Theory]
    [MemberData(nameof(Hidden), DisableDiscoveryEnumeration = true)]
    public void With_detailed_errors_the_message_is_sent(Exception exception)
    {
        var error = ErrorMapper.Map(exception, Code, detailed: true, cancelled: false);

        Assert.Equal(new EventError("RuntimeError", exception.Message), error);
    }

    [Fact]
    public void A_cancelled_request_says_so()
    {
        var error = ErrorMapper.Map(new TaskCanceledException("A task was canceled.", new TimeoutException()), Code, detailed: false, cancelled: true);

        Assert.Equal(new EventError("RuntimeError", "cancelled"), error);
    }

    [Fact]
    public void A_fault_of_a_cancelled_request_is_still_a_fault() =>
        Assert.Equal("KeyError", ErrorMapper.Map(new KeyNotFoundException(), Code, detailed: false, cancelled: true).Name);

    public static TheoryData<Action, string> ThrownByOthers => new()
    {
        { static () => File.ReadAllText("/nowhere/secret.txt"), "FileNotFoundError" },
        { static () => File.WriteAllText("/proc/secret.txt", ""), "FileNotFoundError" },
        { static () => ArgumentException.ThrowIfNullOrEmpty("", "secret"), "ValueError" },
        { static () => int.Parse("secret", System.Globalization.CultureInfo.InvariantCulture), "ValueError" },
        { static () => _ = new Dictionary<string, int>()["secret"], "KeyError" },
        { static () => JsonSerializer.Deserialize<int>("\"secret\""), "ValueError" },
        { static () => Uri.UnescapeDataString(new Uri("secret").AbsoluteUri), "ValueError" },
        { static () => File.ReadAllTextAsync("/nowhere/secret.txt").GetAwaiter().GetResult(), "FileNotFoundError" },
    };

    [Theory]
    [MemberData(nameof(ThrownByOthers), DisableDiscoveryEnumeration = true)]
    public void What_a_library_says_of_a_fault_is_hidden_and_only_its_name_is_sent(Action act, string name)
    {
        var exception = Record.Exception(act)!;
        // A path that leads nowhere has a name of its own, which callers do not get.
        name = exception is DirectoryNotFoundException ? "RuntimeError" : name;

        var error = ErrorMapper.Map(exception, Code, detailed: false, cancelled: false);

        Assert.Equal($"{name}('internal error, reference {error.Reference}')", error.ToString());
        Assert.NotNull(error.Reference);
    }

    [Fact]
    public async Task What_the_handlers_own_code_throws_is_sent()
    {
        var thrown = Record.Exception(static () => Refuse("7"));
        var awaited = await Record.ExceptionAsync(static async () =>
        {
            await Task.Yield();
            Refuse("7");
        });
        var returned = Task.FromException(new ArgumentException("not 7")).Exception;

        Assert.All([thrown, awaited, returned], static exception =>
            Assert.Equal("ValueError('not 7')", ErrorMapper.Map(exception!, Code, detailed: false, cancelled: false).ToString()));
    }

    private static void Refuse(string value) => throw new ArgumentException($"not {value}");
}
