using Ducts.Handlers;
using Ducts.Scripting.Files;

namespace Ducts.Scripting.Tests;

public class DirectiveReaderTests
{
    [Fact]
    public void Directives_stand_at_the_head_among_comments()
    {
        var problems = new List<HandlerProblem>();
        var file = SourceFile.FromText("/handler/evt_1000_a.cs", """
            #!/usr/bin/env dotnet
            // a comment
            /* #:package Not@1
               #:package This@1 */ /* nor */
            #nullable enable
              #:package  Humanizer@2.14.1
            #:package Other.Name@1.*-beta
            #:sdk Microsoft.NET.Sdk.Web

            using System;
            #:package Late@1
            """);

        var directives = DirectiveReader.Read(file, problems);

        Assert.Empty(problems);
        Assert.Equal(
            [("Humanizer", "2.14.1", 6), ("Other.Name", "1.*-beta", 7)],
            directives.Select(directive => (directive.Name, directive.Version, directive.Line)));
    }

    [Theory]
    [InlineData("#:package Humanizer", "'#:package Humanizer' should read '#:package Name@Version'")]
    [InlineData("#:package @1", "should read")]
    [InlineData("#:package A$(B)@1", "should read")]
    [InlineData("#:package A@1\" /><Exec", "should read")]
    [InlineData("#:property LangVersion=preview", "#:property LangVersion=preview has no meaning in a handler file")]
    [InlineData("#:sdk Aspire.AppHost.Sdk@9.0.0", "#:sdk Aspire.AppHost.Sdk@9.0.0 has no meaning in a handler file")]
    [InlineData("#:project", "should name a project file")]
    [InlineData("#:project ../missing", "there is no /missing")]
    [InlineData("#:include x.cs", "#:include is not known")]
    [InlineData("#:", "is not known")]
    public void What_has_no_meaning_here_is_explained(string line, string reason)
    {
        var problems = new List<HandlerProblem>();

        Assert.Empty(DirectiveReader.Read(SourceFile.FromText("/handler/evt_1000_a.cs", "\n" + line), problems));

        var problem = Assert.Single(problems);
        Assert.Equal(2, problem.Line);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_such_a_line_is_left_out_and_the_others_load()
    {
        using var home = new HandlerHome();
        var path = home.Write("helper_a.cs", "#:property Nullable=disable\npublic static class A { public static string Name = \"\"; }");
        var user = home.Write("evt_1000_user.cs", "public class User : DuctsHandler { public string Handle() => A.Name; }");
        home.Write("evt_1001_free.cs", "#:sdk Microsoft.NET.Sdk\n" + HandlerHome.Handler("free"));

        var set = await home.LoadAsync();

        Assert.Equal("free", HandlerHome.Call(set, "FREE"));
        Assert.Equal([path, user], set.Problems.Select(problem => problem.Source));
        Assert.Contains("for it uses helper_a.cs", set.Problems[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directive_below_code_is_the_compilers_to_refuse()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a") + "\n#:package A@1\n");

        var set = await home.LoadAsync();

        Assert.Contains("error CS92", Assert.Single(set.Problems).Message, StringComparison.Ordinal);
    }
}
