BeforeDiscovery {
    $cmdlets = (Import-PowerShellDataFile $PSScriptRoot/../module/UsageTracking.psd1).CmdletsToExport
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/../build/Tools.ps1
    $manifestPath = Convert-Path $PSScriptRoot/../module/UsageTracking.psd1
    $manifest = Import-PowerShellDataFile $manifestPath

    # What the script says in a PowerShell of its own, which is given the manifest's path and an empty folder.
    function Invoke-Fresh([string] $Script) {
        $folder = New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())"
        # Test-Works proves by way of the native SQLite library that the module is whole.
        Set-Content "$folder/fresh.ps1" @"
param(`$Manifest, `$Folder)
`$ErrorActionPreference = 'Stop'
function Test-Works {
    `$null = Connect-UsageStore -Path "`$Folder/usage.db"
    `$services = @(Get-UsageService).Count
    Disconnect-UsageStore | Out-Null
    "`$((Get-Module UsageTracking).ExportedCmdlets.Count) cmdlets, services: `$(`$services -gt 0)"
}
$Script
"@
        Invoke-Pwsh "$folder/fresh.ps1" $manifestPath, $folder 2>&1 | ForEach-Object { "$_" }
    }

    $source = (Get-ChildItem $PSScriptRoot/../src -Recurse -Filter *.cs | Get-Content) -join "`n"
    # Those that the source names, and one of PowerShell's own.
    $errorIds = @([regex]::Matches($source, '"([A-Z]\w+)"').ForEach({ $_.Groups[1].Value })) + 'ParameterArgumentTransformationError'

    $works = "$($manifest.CmdletsToExport.Count) cmdlets, services: True"
}

Describe 'Import-Module UsageTracking' {
    It 'works in a fresh PowerShell' {
        Invoke-Fresh 'Import-Module $Manifest; Test-Works' | Should -Be $works
    }

    It 'works twice' {
        Invoke-Fresh 'Import-Module $Manifest; Import-Module $Manifest; Test-Works' | Should -Be $works
    }

    It 'works again after Remove-Module' {
        Invoke-Fresh @'
Import-Module $Manifest
Test-Works
Remove-Module UsageTracking
(Get-Command Get-Usage -ErrorAction Ignore).Count
Import-Module $Manifest
Test-Works
'@ | Should -Be $works, 0, $works
    }

    It 'works again with -Force' {
        Invoke-Fresh 'Import-Module $Manifest; Test-Works; Import-Module $Manifest -Force; Test-Works' | Should -Be $works, $works
    }

    It 'works in ForEach-Object -Parallel' {
        Invoke-Fresh @'
1..8 | ForEach-Object -ThrottleLimit 8 -Parallel {
    Import-Module $using:Manifest
    (Get-Module UsageTracking).ExportedCmdlets.Count
}
'@ | Should -Be (@($manifest.CmdletsToExport.Count) * 8)
    }

    It 'works beside another Npgsql' {
        Invoke-Fresh @'
# Add-Type gives its assemblies names of its own, but brings the compiler.
Add-Type 'public class LoadsTheCompiler { }'
$compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create(
    'Npgsql',
    [Microsoft.CodeAnalysis.SyntaxTree[]] [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText(
        '[assembly: System.Reflection.AssemblyVersion("4.0.0.0")] namespace Npgsql { public class NpgsqlConnection { } }'),
    [Microsoft.CodeAnalysis.MetadataReference[]] [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile([object].Assembly.Location),
    [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new('DynamicallyLinkedLibrary'))
$file = [System.IO.File]::Create("$Folder/Npgsql.dll")
$null = $compilation.Emit($file)
$file.Dispose()
$null = [System.Reflection.Assembly]::LoadFrom("$Folder/Npgsql.dll")
Import-Module $Manifest
try { Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database x -ErrorAction Stop } catch { $_.FullyQualifiedErrorId -replace ',.*' }
foreach ($context in [System.Runtime.Loader.AssemblyLoadContext]::All) {
    $npgsql = $context.Assemblies | Where-Object { $_.GetName().Name -eq 'Npgsql' }
    if ($npgsql) { '{0} {1}' -f $context.Name, ($npgsql.GetName().Version.Major -gt 4) }
}
'@ | Should -Be 'StoreUnavailable', 'Default False', 'UsageTracking True'
    }

    It 'refuses a second copy in one process, and names the first' {
        Copy-Item (Split-Path $manifestPath) "$TestDrive/copy" -Recurse -Exclude bin
        Invoke-Fresh "Import-Module `$Manifest; try { Import-Module '$TestDrive/copy/UsageTracking.psd1' } catch { `"`$_`" }" |
            Should -BeLike "*already uses UsageTracking from '*'*"
    }
}

Describe 'The module' {
    It 'has a valid manifest' {
        (Test-ModuleManifest $manifestPath).Name | Should -Be 'UsageTracking'
    }

    It 'exports every cmdlet there is, and nothing else' {
        $expected = $manifest.CmdletsToExport | Sort-Object
        (Get-Module UsageTracking).ExportedCommands.Keys | Sort-Object | Should -Be $expected

        $attribute = [System.Management.Automation.CmdletAttribute]
        [UsageTracking.Loader.LoadContext]::CmdletAssembly.GetExportedTypes() |
            ForEach-Object { [System.Attribute]::GetCustomAttribute($_, $attribute) } | Where-Object { $_ } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" } | Sort-Object | Should -Be $expected
    }

    It 'has a page for every error' {
        # These are only told within other errors.
        $inner = 'DrainFailed', 'FlushTimeout', 'SpoolPositionMismatch', 'SpoolUnreadable'
        $pages = (Get-Content $PSScriptRoot/../docs/*.md) -join "`n"
        [regex]::Matches($source, 'UsageErrorKind\.\w+,\s*"(\w+)"').ForEach({ $_.Groups[1].Value }) | Select-Object -Unique |
            Where-Object { $_ -notin $inner -and -not $pages.Contains("``$_``") } | Should -BeNullOrEmpty
    }

    It 'does not bring a PowerShell of its own' {
        Get-ChildItem (Split-Path $manifestPath) -Recurse -Include System.Management.Automation.dll, PowerShellStandard* | Should -BeNullOrEmpty
    }
}

Describe 'Help of <_>' -ForEach $cmdlets {
    BeforeAll {
        $help = Get-Help $_ -Full
        $command = Get-Command $_
        $page = Get-Content "$PSScriptRoot/../docs/$_.md" -Raw
    }

    It 'has a synopsis' {
        # Without a page PowerShell makes one up, which is the syntax.
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $help.Synopsis.Trim() | Should -Not -BeLike "$_*"
    }

    It 'has examples' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        $help.examples.example.code | ForEach-Object Trim | Should -Not -Contain ''
    }

    It 'describes every parameter' {
        $help.parameters.parameter | Where-Object { -not ($_.description.Text -join '').Trim() } | ForEach-Object name |
            Should -BeNullOrEmpty
    }

    It 'describes no other' {
        $section = ($page -split '(?m)^## ') -match '^PARAMETERS\s'
        [regex]::Matches("$section", '(?m)^### -(\w+)').ForEach({ $_.Groups[1].Value }) |
            Where-Object { $_ -cnotin $command.Parameters.Keys } | Should -BeNullOrEmpty
    }

    It 'names errors that there are' {
        $section = ($page -split '(?m)^## ') -match '^NOTES\s'
        [regex]::Matches("$section", '(?m)^- (`\w+`(, )?)+:').ForEach({ [regex]::Matches($_, '\w+').Value }) |
            Where-Object { $_ -cnotin $errorIds } | Should -BeNullOrEmpty
    }

    It 'is online' {
        $help.relatedLinks.navigationLink[0].uri | Should -BeLike "$($manifest.PrivateData.PSData.ProjectUri)*/$_.md"
    }
}
