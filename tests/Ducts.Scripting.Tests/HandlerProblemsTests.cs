using System.Diagnostics;
using System.Text;
using Ducts.Handlers;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting.Tests;

public class HandlerProblemsTests
{
    [Fact]
    public async Task A_syntax_error_names_its_place_and_leaves_the_others()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_good.cs", HandlerHome.Handler("good"));
        var path = home.Write("evt_1001_bad.cs", "public class Bad : DuctsHandler\n{\n    public int Handle() => 1\n}\n");

        var set = await home.LoadAsync();

        Assert.Equal("good", HandlerHome.Call(set, "GOOD"));
        Assert.Single(set.Candidates);
        Assert.Equal(new HandlerProblem(path, 3, 29, "error CS1002: ; expected [BAD, 1001]"), Assert.Single(set.Problems));
    }

    [Fact]
    public async Task A_pipe_is_no_handler_and_holds_up_none()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_good.cs", HandlerHome.Handler("good"));
        var path = home.Write("evt_1001_pipe.cs", "");
        File.Delete(path);
        using (var made = Process.Start("mkfifo", [path]))
            await made.WaitForExitAsync();

        // One that opened it would wait for ever.
        var set = await Task.Run(() => home.LoadAsync()).WaitAsync(TimeSpan.FromSeconds(100));

        Assert.Equal("good", HandlerHome.Call(set, "GOOD"));
        var problem = Assert.Single(set.Problems);
        Assert.Equal((path, "the file cannot be read: it is no regular file, but a pipe, a socket or a device."), (problem.Source, problem.Message));
    }

    [Fact]
    public async Task Every_error_of_every_file_is_reported()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_good.cs", HandlerHome.Handler("good"));
        var first = home.Write("evt_1001_bad.cs", "public class Bad : DuctsHandler\n{\n    public int Handle() => nothing;\n    public Missing? Other() => null;\n}\n");
        var second = home.Write("evt_1002_worse.cs", "public class Worse : DuctsHandler { public int Handle() => \"text\"; }");

        var set = await home.LoadAsync();

        Assert.Equal(["GOOD"], set.Candidates.Select(candidate => candidate.Key));
        Assert.Equal(
            [(first, 3, "CS0103"), (first, 4, "CS0246"), (second, 1, "CS0029")],
            set.Problems.Select(problem => (problem.Source, problem.Line, problem.Message.Split(' ', ':')[1])));
    }

    [Fact]
    public async Task Files_that_use_a_broken_one_fall_with_it_and_say_because_of_which()
    {
        using var home = new HandlerHome();
        home.Write("helper_base.cs", "public class Base { public int Value => wrong; }");
        home.Write("helper_middle.cs", "public static class Middle { public static int Get(this string text) => new Base().Value; }");
        var user = home.Write("evt_1000_user.cs", "public class User : DuctsHandler { public int Handle() => \"\".Get(); }");
        home.Write("evt_1001_free.cs", HandlerHome.Handler("free"));

        var set = await home.LoadAsync();

        Assert.Equal(["FREE"], set.Candidates.Select(candidate => candidate.Key));
        Assert.Equal(3, set.Problems.Count);
        var problem = set.Problems.Single(problem => problem.Source == user);
        Assert.StartsWith("left out, for it uses helper_middle.cs, which does not load; error CS", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith("[USER, 1000]", problem.Message, StringComparison.Ordinal);
        Assert.Contains(set.Problems, other => other.Message.StartsWith("left out, for it uses helper_base.cs", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("class User : Broken { }", "class Broken : DuctsHandler { int x = \"\"; }")]
    [InlineData("class User : DuctsHandler { object Handle() => new Broken(); }", "class Broken { int x = \"\"; }")]
    [InlineData("using Broken.Names; class User : DuctsHandler;", "namespace Broken.Names { class X { int x = \"\"; } }")]
    [InlineData("using static Broken; class User : DuctsHandler { int Handle() => One(); }", "static class Broken { public static int One() => \"\"; }")]
    [InlineData("partial class User : DuctsHandler { int Handle() => Half(); }", "partial class User { int Half() => \"\"; }")]
    [InlineData("class User : DuctsHandler { int Handle() => (int)Broken.A; }", "enum Broken { A, B = \"\" }")]
    public async Task Whatever_is_used_of_a_broken_file_is_recognized(string user, string broken)
    {
        using var home = new HandlerHome();
        var path = home.Write("evt_1000_user.cs", user);
        home.Write("helper_broken.cs", broken);

        var set = await home.LoadAsync();

        Assert.Empty(set.Candidates);
        Assert.Contains(set.Problems, problem => problem.Source == path && problem.Message.StartsWith("left out, for it uses helper_broken.cs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_class_name_used_twice_costs_the_second_file_and_is_explained()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a", "public"));
        var second = home.Write("evt_1001_b.cs", HandlerHome.Handler("b", "public"));

        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.All(set.Problems, problem => Assert.Equal(second, problem.Source));
        Assert.Contains(set.Problems, problem => problem.Message.Contains("write 'file class'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("evt_hello.cs", "public class A : DuctsHandler;", "the file's name holds no integer")]
    [InlineData("evt_999_a.cs", "\npublic class A : DuctsHandler;", "the id 999 is below 1000")]
    [InlineData("evt_1000.cs", "public class A : DuctsHandler;", "the file's name has nothing after the id")]
    [InlineData("evt_1000_a b.cs", "public class A : DuctsHandler;", "the key 'A B' has other characters")]
    [InlineData("evt_1000_a.cs", "[EventKey(\"../X\")] public class A : DuctsHandler;", "the key '../X' has other characters")]
    [InlineData("evt_1000_a.cs", "public class A;", "the file has no class that derives from DuctsHandler")]
    [InlineData("evt_1000_a.cs", "public abstract class A : DuctsHandler;", "the file has no class that derives from DuctsHandler")]
    [InlineData("evt_1000_a.cs", "public class A<T> : DuctsHandler;", "A<T> has type parameters")]
    [InlineData("evt_1000_a.cs", "public class A : DuctsHandler;\npublic class B : A;", "the file has 2 handler classes (A, B)")]
    public async Task A_file_that_is_no_handler_is_refused_with_line_and_reason(string name, string text, string reason)
    {
        using var home = new HandlerHome();
        var path = home.Write(name, text);
        home.Write("evt_2000_other.cs", HandlerHome.Handler("other"));

        var set = await home.LoadAsync();

        Assert.Equal("other", HandlerHome.Call(set, "OTHER"));
        Assert.Single(set.Candidates);
        var problem = Assert.Single(set.Problems);
        Assert.Equal(path, problem.Source);
        Assert.True(problem.Line > 0);
        Assert.StartsWith(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_file_of_an_id_or_a_key_is_refused_and_names_the_first()
    {
        using var home = new HandlerHome();
        var first = home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        var sameId = home.Write("evt_1000_b.cs", "\n" + HandlerHome.Handler("b"));
        var sameKey = home.Write("sub/evt_2000_a.cs", HandlerHome.Handler("c"));

        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Equal(
            [new HandlerProblem(sameId, 2, 12, $"the id 1000 is taken by {first}"), new HandlerProblem(sameKey, 1, 12, $"the key A is taken by {first}")],
            set.Problems);
    }

    [Fact]
    public async Task Statements_outside_a_class_are_the_compilers_to_refuse()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", "Console.WriteLine(1);\npublic class A : DuctsHandler;");

        var set = await home.LoadAsync();

        Assert.Contains("CS8805", Assert.Single(set.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_bytes_give_problems_and_no_exception()
    {
        using var home = new HandlerHome();
        var random = new Random(1);
        for (var id = 1000; id < 1020; id++)
        {
            var bytes = new byte[random.Next(2000)];
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(home.Handlers, $"evt_{id}_x{id}.cs"), bytes);
        }

        home.Write("evt_1020_good.cs", HandlerHome.Handler("good"));

        var set = await home.LoadAsync();

        Assert.Equal("good", HandlerHome.Call(set, "GOOD"));
        Assert.Equal(20, set.Problems.Select(problem => problem.Source).Distinct().Count());
    }

    [Theory]
    [InlineData("latin1", 2, 11, "the file is not UTF-8, as its byte 0xE9 shows; save it as UTF-8")]
    [InlineData("utf-16", 1, 1, "the file is UTF-16, not UTF-8; save it as UTF-8")]
    [InlineData("utf-16BE", 1, 1, "the file is UTF-16, not UTF-8; save it as UTF-8")]
    public async Task A_file_that_is_not_utf8_is_left_out_and_says_so(string encoding, int line, int column, string message)
    {
        using var home = new HandlerHome();
        const string Text = "// \u00a9\n/* \U0001F600 */   \"caf\u00e9\"";
        var bytes = encoding == "latin1"
            ? [.. "// \u00a9\n"u8, .. "/* \U0001F600 */  "u8, 0xe9]
            : Encoding.GetEncoding(encoding).GetPreamble().Concat(Encoding.GetEncoding(encoding).GetBytes(Text)).ToArray();
        var handler = Path.Combine(home.Handlers, "evt_1000_a.cs");
        var helper = Path.Combine(home.Handlers, "helper_a.cs");
        await File.WriteAllBytesAsync(handler, bytes);
        await File.WriteAllBytesAsync(helper, bytes);
        await File.WriteAllBytesAsync(Path.Combine(home.Handlers, "evt_1001_b.cs"), [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(HandlerHome.Handler("caf\u00e9"))]);

        var set = await home.LoadAsync();

        Assert.Equal("caf\u00e9", HandlerHome.Call(set, "B"));
        Assert.Equal([new HandlerProblem(handler, line, column, $"{message} [A, 1000]"), new HandlerProblem(helper, line, column, message)], set.Problems);
    }

    [Fact]
    public async Task A_handler_in_a_file_that_is_not_loaded_for_its_name_is_named_in_the_log()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", "public class A : Shared { public int Handle() => 1; }");
        home.Write("helper_shared.cs", "public class Shared : DuctsHandler; public abstract class Open : DuctsHandler;");
        var misnamed = home.Write("hello.cs", "\npublic class Misnamed : DuctsHandler { public int Handle() => 1; }");

        await home.LoadAsync();
        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        var warnings = home.Log.Lines.Where(static line => line.Level == LogLevel.Warning).Select(static line => line.Text);
        var warning = $"{misnamed}(2,14): Misnamed derives from DuctsHandler, but by the name of its file it is not loaded; rename the file, or make the class abstract if it is a base class";
        Assert.Equal([warning, warning], warnings);
    }

    [Fact]
    public async Task The_cause_is_told_before_what_follows_from_it()
    {
        using var home = new HandlerHome();
        var broken = home.Write("z/helper_base.cs", "public class Base { public int Value => wrong; }");
        var middle = home.Write("helper_middle.cs", "public static class Middle { public static int Get(this string text) => new Base().Value; }");
        var user = home.Write("evt_1000_user.cs", "public class User : DuctsHandler { public int Handle() => \"\".Get(); }");
        var misnamed = home.Write("evt_999_low.cs", HandlerHome.Handler("low"));

        var cold = await home.LoadAsync();
        var cached = await home.LoadAsync();

        Assert.Equal([misnamed, broken, middle, user], cold.Problems.Select(static problem => problem.Source));
        Assert.Equal(cold.Problems, cached.Problems);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_problem_of_its_own()
    {
        using var home = new HandlerHome();
        var path = Path.Combine(home.Handlers, "evt_1000_a.cs");
        File.CreateSymbolicLink(path, Path.Combine(home.Path, "nowhere.cs"));
        home.Write("evt_1001_b.cs", HandlerHome.Handler("b"));

        var set = await home.LoadAsync();

        Assert.Equal("b", HandlerHome.Call(set, "B"));
        Assert.Equal(path, Assert.Single(set.Problems).Source);
    }
}
