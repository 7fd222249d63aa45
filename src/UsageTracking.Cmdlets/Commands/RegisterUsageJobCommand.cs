using System.Management.Automation;
using System.Management.Automation.Language;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Jobs;
using UsageTracking.Profiles;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Register, "UsageJob", SupportsShouldProcess = true, DefaultParameterSetName = ConnectedSet)]
[OutputType(typeof(RegisteredJob))]
public sealed class RegisterUsageJobCommand : UsageCmdlet
{
    private const string ConnectedSet = "Connected";
    private const string StringSet = "ConnectionString";
    private const string EnvironmentSet = "Environment";
    private const string ProfileSet = "Profile";

    private static readonly string[] ChartExtensions = [".svg", ".html", ".htm"];

    [Parameter(Mandatory = true, Position = 0)]
    public JobTask Task { get; set; }

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(EveryCompleter))]
    public string? Every { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? At { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Action { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = StringSet)]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = EnvironmentSet)]
    public SwitchParameter StoreFromEnvironment { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = ProfileSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <inheritdoc/>
    protected override string WaitsFor => "the scheduler";

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var job = new UsageJob
        {
            Name = UsageJob.CheckName(Name ?? Task.ToString()),
            Task = Task,
            Schedule = JobSchedule.From(Task, Every, At),
            Program = FindPowerShell(),
            Script = WriteScript(),
        };
        JobBook book = Wait(JobBook.OpenAsync(Cancel));
        if (ShouldProcess(book.Scheduler.Describe(job), $"Register the job {job.Name} with {book.Scheduler.Name}?", "Register-UsageJob"))
            WriteObject(Wait(book.SetAsync(job, Cancel)));
    }

    private string WriteScript()
    {
        UsageProfile? profile = Profile is null ? null : ProfileStores.OpenBook(new SecretVault(this)).Find(Profile);
        string script = new JobScript
        {
            ModulePath = FindModule(),
            Store = ParameterSetName switch
            {
                StringSet => JobStores.FromConnectionString(ConnectionString!),
                EnvironmentSet => JobStore.OfEnvironment,
                ProfileSet => JobStores.Of(profile!),
                _ => JobStores.Of(Session.Connection.Store),
            },
            Spool = SpoolLocator.Locate(Environment.GetEnvironmentVariable) is { } spool ? System.IO.Path.GetFullPath(spool) : "none",
            CustomerId = profile?.CustomerId ?? Session.CustomerId,
            TimeZone = profile?.TimeZone ?? Session.Options.TimeZone.Id,
            Path = Path is null ? null : FindTarget(Path),
            Action = Action?.ToString(),
        }.Write(Task);

        // An action that ends in a comment, on a line of its own, would take the rest along.
        Parser.ParseInput(script, out _, out ParseError[] errors);
        return errors.Length == 0 ? script : throw new UsageException(
            UsageErrorKind.InvalidInput, "InvalidJob", $"The action cannot stand in one line: {errors[0].Message} Put it into a script file and call that.", Action);
    }

    /// <summary>The full path of the archives' folder or the chart's file; wrong ones are told now, not to nobody in the night.</summary>
    private string FindTarget(string path)
    {
        string full = FileTarget.Resolve(SessionState, path);
        if (Task == JobTask.Chart && !ChartExtensions.Contains(System.IO.Path.GetExtension(full), StringComparer.OrdinalIgnoreCase))
            throw new UsageException(UsageErrorKind.InvalidInput, "UnknownFormat", $"'{path}' says no format that charts have. Let it end in .svg, .html or .htm.", path);

        string? folder = Task == JobTask.Chart ? System.IO.Path.GetDirectoryName(full) : full;
        return Directory.Exists(folder)
            ? full
            : throw new UsageException(UsageErrorKind.NotFound, "FolderNotFound", $"There is no folder '{folder}'. Create it first, or name another.", path);
    }

    // The module's assemblies are in a folder of the module's own.
    private static string FindModule() => System.IO.Path.GetFullPath(
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(typeof(RegisterUsageJobCommand).Assembly.Location)!, "..", "UsageTracking.psd1"));

    private string FindPowerShell()
    {
        const string Program = "pwsh";
        string beside = System.IO.Path.Combine(
            SessionState.PSVariable.GetValue("PSHOME") as string ?? "", OperatingSystem.IsWindows() ? Program + ".exe" : Program);
        if (File.Exists(beside))
            return beside;

        // Installed as a .NET tool it is elsewhere, and a program that hosts PowerShell is none.
        return Environment.ProcessPath is { } own && System.IO.Path.GetFileNameWithoutExtension(own).Equals(Program, StringComparison.OrdinalIgnoreCase)
            ? own
            : throw new UsageException(UsageErrorKind.NotFound, "PowerShellNotFound", $"There is no '{beside}' that a scheduler could run. Register the job from pwsh.", beside);
    }
}
