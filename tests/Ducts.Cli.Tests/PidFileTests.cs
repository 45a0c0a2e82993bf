using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Ducts.Cli.Processes;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;

namespace Ducts.Cli;

/// <summary>Whoever can write near the pid file must not decide what a command ends or removes.</summary>
[SupportedOSPlatform("linux")]
public sealed class PidFileTests : IAsyncLifetime
{
    private const UnixFileMode Everything = (UnixFileMode)0x1ff;
    private const string Stranger = "65534";

    private readonly Tool _tool = new();
    private readonly Process _bystander = Process.Start("sleep", "1000");

    private string PidFolder => Path.GetDirectoryName(_tool.PidFile)!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        Assert.False(_bystander.HasExited);
        _bystander.Kill();
        _bystander.Dispose();
        // What it names is not for the tool to stop.
        if (File.Exists(_tool.PidFile))
            File.Delete(_tool.PidFile);
        await _tool.DisposeAsync();
    }

    [Fact]
    public async Task Stop_ends_no_process_of_another_user_than_the_pid_files()
    {
        OnlyRootGivesFilesAway();
        NameBystander();
        GiveAway(_tool.PidFile);
        foreach (var verb in new[] { "stop", "status", "restart" })
        {
            var result = await _tool.RunAsync("server", verb);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains($"belongs to user nobody ({Stranger}), but process {_bystander.Id}, which it names, to user root (0), so it is not believed", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Stop_ends_no_process_that_a_pid_file_open_to_others_names()
    {
        NameBystander();
        File.SetUnixFileMode(_tool.PidFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        var result = await _tool.RunAsync("server", "stop");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"Others could write to the pid file {_tool.PidFile}, whose mode was 0620, so it is not believed; now they cannot. It names process {_bystander.Id}:", result.Error, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_tool.PidFile));
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("status")]
    [InlineData("start")]
    public async Task A_symbolic_link_in_place_of_the_pid_file_is_not_followed(string verb)
    {
        NameBystander();
        var elsewhere = Path.Combine(_tool.Folder, "other.pid");
        File.Move(_tool.PidFile, elsewhere);
        File.CreateSymbolicLink(_tool.PidFile, elsewhere);
        var result = await _tool.RunAsync("server", verb);
        Assert.Equal((1, $"The pid file {_tool.PidFile} is a symbolic link, which is not followed. Remove it, or set pidpath in [ducts.common_config] to another path.\n"), (result.ExitCode, result.Error));
        Assert.True(File.Exists(elsewhere));
    }

    [Fact]
    public async Task A_second_name_of_another_pid_file_is_not_believed()
    {
        NameBystander();
        using (var link = Process.Start("ln", [_tool.PidFile, Path.Combine(_tool.Folder, "other.pid")]))
            await link.WaitForExitAsync();
        var result = await _tool.RunAsync("server", "stop");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has a second name elsewhere", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_a_strangers_in_place_of_the_pid_folder_is_not_followed()
    {
        OnlyRootGivesFilesAway();
        NameBystander();
        var elsewhere = Path.Combine(_tool.Folder, "elsewhere");
        Directory.Move(PidFolder, elsewhere);
        Directory.CreateSymbolicLink(PidFolder, elsewhere);
        GiveAway(PidFolder);
        foreach (var verb in new[] { "stop", "start" })
        {
            var result = await _tool.RunAsync("server", verb);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains($"{PidFolder} is a symbolic link that belongs to user nobody ({Stranger}): remove it.", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_file_is_removed_because_a_pid_file_names_it_as_the_status_socket()
    {
        var precious = _tool.Write("precious.txt", "mine");
        _tool.Write(".pid/server_ducts.pid", $"{_bystander.Id}\n1\n{Guid.NewGuid()}\n{precious}\n");
        Assert.Equal(3, (await _tool.RunAsync("server", "status")).ExitCode);
        Assert.False(File.Exists(_tool.PidFile));
        Assert.Equal("mine", await File.ReadAllTextAsync(precious));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("stop")]
    [InlineData("start")]
    public async Task A_file_that_is_no_pid_file_is_neither_removed_nor_overwritten(string verb)
    {
        var notes = _tool.Write("notes.txt", "buy milk\n");
        _tool.Environment["DUCTS_COMMON__PIDPATH"] = "notes.txt";
        var result = await _tool.RunAsync("server", verb);
        Assert.Equal((1, $"{notes} is no pid file, so it stays as it is. Move it elsewhere, or set pidpath in [ducts.common_config] to another path.\n"), (result.ExitCode, result.Error));
        Assert.Equal("buy milk\n", await File.ReadAllTextAsync(notes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12\n")]
    [InlineData("99999999999\n1\n2\n")]
    public async Task A_pid_file_of_another_form_is_stale(string content)
    {
        _tool.Write(".pid/server_ducts.pid", content);
        Assert.Equal(3, (await _tool.RunAsync("server", "status")).ExitCode);
        Assert.False(File.Exists(_tool.PidFile));
    }

    [Fact]
    public async Task A_file_in_place_of_the_status_socket_stays_and_is_named()
    {
        var file = _tool.Write(".pid/server_ducts.sock", "mine");
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal(0, started.ExitCode);
        await Until.TrueAsync(() => File.ReadAllText(started.LogPath).Contains($"{file} is there and is no socket", StringComparison.Ordinal), "the warning");
        await _tool.RunAsync("server", "stop");
        Assert.Equal("mine", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task The_folder_of_the_pid_file_is_its_owners_alone()
    {
        Assert.Equal(0, (await _tool.RunAsync("server", "start")).ExitCode);
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(PidFolder));
        await _tool.RunAsync("server", "stop");

        File.SetUnixFileMode(PidFolder, Everything);
        var elsewhere = Path.Combine(_tool.Folder, "made-elsewhere");
        File.Delete($"{_tool.PidFile}.lock");
        File.CreateSymbolicLink($"{_tool.PidFile}.lock", elsewhere);
        Assert.Equal(0, (await _tool.RunAsync("server", "start")).ExitCode);
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(PidFolder));
        Assert.False(File.Exists(elsewhere));
        await _tool.RunAsync("server", "stop");
    }

    [Fact]
    public async Task A_pid_file_is_not_written_to_a_folder_that_others_may_write_to()
    {
        var open = Directory.CreateDirectory(Path.Combine(_tool.Folder, "open")).FullName;
        File.SetUnixFileMode(open, Everything | UnixFileMode.StickyBit);
        _tool.Environment["DUCTS_COMMON__PIDPATH"] = "open/x.pid";
        var result = await _tool.RunAsync("server", "start");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"The pid file {open}/x.pid cannot be written safely: others may write to the folder {open}, whose mode is 1777: take a folder that only its owner may write to, or enter: chmod go-w {open}", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(open));
    }

    [Fact]
    public async Task A_pid_file_is_not_written_to_a_folder_of_another_user()
    {
        OnlyRootGivesFilesAway();
        Directory.CreateDirectory(PidFolder, PrivateFolder.Mode);
        GiveAway(PidFolder);
        var result = await _tool.RunAsync("server", "start");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"the folder {PidFolder} belongs to user nobody ({Stranger}), and this is user root (0): remove the folder, or run the command as its owner.", result.Error, StringComparison.Ordinal);
    }

    private static void OnlyRootGivesFilesAway() =>
        Assert.SkipUnless(FileFacts.CurrentUser == 0, "Only root can make files that belong to another user.");

    private static void GiveAway(string path)
    {
        using var chown = Process.Start("chown", ["-h", Stranger, path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }

    private void NameBystander()
    {
        var identity = ProcessIdentity.Of(_bystander.Id)!;
        _tool.Write(".pid/server_ducts.pid", string.Create(CultureInfo.InvariantCulture, $"{identity.Pid}\n{identity.Started}\n{identity.Boot}\n/nowhere\n"));
        File.SetUnixFileMode(_tool.PidFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
