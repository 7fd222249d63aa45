using UsageTracking.Jobs;

namespace UsageTracking.Tests.Jobs;

public sealed class JobScriptTests
{
    [Theory]
    [InlineData(JobTask.Flush, "$null = Invoke-UsageFlush -Timeout 240")]
    [InlineData(JobTask.AlertCheck, "Invoke-UsageAlertCheck -CustomerId *")]
    [InlineData(JobTask.Summary, "$null = Update-UsageSummary")]
    [InlineData(JobTask.Archive, "$null = Invoke-UsageArchive -CustomerId * -Path '/srv/it''s'")]
    [InlineData(JobTask.Chart, "$null = Get-UsageBurndown -WarningAction SilentlyContinue | Export-UsageChart -Force -Path '/srv/it''s'")]
    public void Everything_is_named_in_full(JobTask task, string body) => Assert.Equal(
        "$ErrorActionPreference = 'Stop'; $env:USAGE_SPOOL = '/spool'; Import-Module '/module/UsageTracking.psd1'; "
        + "Connect-UsageStore -Path '/data/Bob''’’s.db' -CustomerId 'Bob''s' -TimeZone 'Europe/Berlin'; " + body,
        Script(task is JobTask.Archive or JobTask.Chart ? "/srv/it's" : null).Write(task));

    [Fact]
    public void A_server_and_an_action_are_named_too()
    {
        JobScript script = Script(null) with { Store = new JobStore(null, "Host=db;Username=me"), Action = "\n ./notify.ps1 $_.Message\n" };

        Assert.EndsWith(
            "Connect-UsageStore -ConnectionString 'Host=db;Username=me' -CustomerId 'Bob''s' -TimeZone 'Europe/Berlin'; $null = Invoke-UsageAlertCheck -CustomerId * -Action { ./notify.ps1 $_.Message }",
            script.Write(JobTask.AlertCheck), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_store_the_environment_must_name_one() => Assert.Contains(
        "if (-not $env:USAGE_STORE) { throw", (Script(null) with { Store = JobStore.OfEnvironment }).Write(JobTask.Flush), StringComparison.Ordinal);

    [Theory]
    [InlineData(JobTask.Archive, null, null)]
    [InlineData(JobTask.Chart, null, null)]
    [InlineData(JobTask.Flush, "/x", null)]
    [InlineData(JobTask.Flush, null, "x")]
    [InlineData(JobTask.AlertCheck, null, "x\ny")]
    public void What_a_task_cannot_use_is_refused(JobTask task, string? path, string? action) =>
        Assert.Equal("InvalidJob", Assert.Throws<UsageException>(() => (Script(path) with { Action = action }).Write(task)).ErrorId);

    private static JobScript Script(string? path) => new()
    {
        ModulePath = "/module/UsageTracking.psd1",
        Store = new JobStore("/data/Bob'’s.db", null),
        Spool = "/spool",
        CustomerId = "Bob's",
        TimeZone = "Europe/Berlin",
        Path = path,
    };
}
