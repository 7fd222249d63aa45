# The cmdlets and everything they need live in an AssemblyLoadContext of their own, so that another module's
# Npgsql or SQLite cannot get in their way, nor they in its.

$loaderPath = [System.IO.Path]::Combine($PSScriptRoot, 'bin', 'UsageTracking.Loader.dll')
if (-not ('UsageTracking.Loader.LoadContext' -as [type])) {
    if (-not [System.IO.File]::Exists($loaderPath)) {
        throw "UsageTracking is not built: '$loaderPath' is missing. Run './build.sh build' or './build.ps1' in the checkout first."
    }
    # Faster than Add-Type, which brings the C# compiler along.
    $null = [System.Reflection.Assembly]::LoadFrom($loaderPath)
}
$cmdlets = [UsageTracking.Loader.LoadContext]::CmdletAssembly

# A process cannot unload assemblies, so the copy that came first is the only one it can use.
if ([System.IO.Path]::GetDirectoryName($cmdlets.Location) -ne [System.IO.Path]::GetDirectoryName($loaderPath)) {
    throw "This PowerShell process already uses UsageTracking from '$($cmdlets.Location)'. Start a new one to use '$PSScriptRoot'."
}

# On re-import PowerShell hands out the nested module from its cache without adding the cmdlets to this one:
# https://github.com/PowerShell/PowerShell/issues/20710
$nested = Microsoft.PowerShell.Core\Import-Module -Assembly $cmdlets -PassThru
$self = $ExecutionContext.SessionState.Module
if ($self.ExportedCmdlets.Count -eq 0) {
    $add = $self.GetType().GetMethod('AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
    foreach ($cmdlet in $nested.ExportedCmdlets.Values) {
        $null = $add.Invoke($self, @($cmdlet))
    }
}

$self.OnRemove = {
    # By reflection: a type literal could find a type of this name in another load context.
    $null = $cmdlets.GetType('UsageTracking.Cmdlets.ModuleLifetime').GetMethod('OnRemove').Invoke($null, $null)
}
