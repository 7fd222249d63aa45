using System.Management.Automation;
using UsageTracking.Files.Archives;

namespace UsageTracking.Cmdlets;

/// <summary>What is about archives that are there, named by their files.</summary>
public abstract class ArchiveFileCmdlet : UsageCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    internal ArchiveProgress Progress { get; } = new();

    /// <inheritdoc/>
    protected override string WaitsFor => "the archive";

    /// <summary>Takes one archive; an error is about it alone.</summary>
    protected abstract void Take(string path);

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        foreach (string path in Path)
            OrReport(path, () => Find(path));

        foreach (string path in LiteralPath)
            OrReport(path, () => [FileSelection.Literal(SessionState, path)]);
    }

    /// <inheritdoc/>
    protected sealed override void Describe(ProgressRecord progress) => ArchiveProgressText.Describe(Progress, progress);

    // What Invoke-UsageArchive writes comes here by its path, in which [ ] may stand for themselves.
    private IEnumerable<string> Find(string path) =>
        WildcardPattern.ContainsWildcardCharacters(path) && !File.Exists(FileSelection.Literal(SessionState, path))
            ? FindMany(path)
            : [FileSelection.Literal(SessionState, path)];

    // A pattern for archives mostly fits their manifests too.
    private IEnumerable<string> FindMany(string pattern) =>
        FileSelection.Find(SessionState, pattern).Where(p => !p.EndsWith(ArchivePath.ManifestOf(""), StringComparison.OrdinalIgnoreCase));

    private void OrReport(string path, Func<IEnumerable<string>> find)
    {
        try
        {
            foreach (string archive in find())
                OrReport(archive, archive);
        }
        catch (UsageException error) when (!EndsTheCall(error))
        {
            WriteItemError(error, path);
        }
    }

    private void OrReport(string path, string archive)
    {
        try
        {
            Take(archive);
        }
        catch (UsageException error) when (!EndsTheCall(error))
        {
            WriteItemError(error, path);
        }
    }
}
