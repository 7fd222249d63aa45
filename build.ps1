#Requires -Version 7.4
<#
.SYNOPSIS
Builds the module into module/, and tests, lints and packages it.

.EXAMPLE
./build.ps1
Import-Module ./module/UsageTracking.psd1

.EXAMPLE
./build.ps1 -Task Test -Only Get-Usage
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Lint', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    # Test: only the tests with this in their names.
    [string] $Only,

    # Bench: what goes on to bench/bench.ps1.
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $PassThru = @()
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$env:DOTNET_CLI_TELEMETRY_OPTOUT = $env:DOTNET_NOLOGO = '1'
. $PSScriptRoot/build/Tools.ps1

function Invoke-Build {
    # So that the tests can run; where it cannot be had, this says so and the build goes on.
    $null = Install-Tool Pester 5.5.0

    foreach ($project in 'Loader', 'Cmdlets') {
        dotnet publish "$PSScriptRoot/src/UsageTracking.$project" --configuration $Configuration --output "$PSScriptRoot/module/bin" --verbosity quiet
    }

    $help = Get-Item "$PSScriptRoot/module/en-US/*-Help.xml" -ErrorAction Ignore
    $sources = Get-Item "$PSScriptRoot/docs/*.md", "$PSScriptRoot/build/ConvertTo-Maml.ps1", "$PSScriptRoot/module/bin/UsageTracking.Cmdlets.dll", "$PSScriptRoot/module/UsageTracking.psd1"
    if (-not $help -or ($sources.LastWriteTimeUtc | Measure-Object -Maximum).Maximum -gt $help.LastWriteTimeUtc) {
        Invoke-Pwsh "$PSScriptRoot/build/ConvertTo-Maml.ps1"
    }
}

switch ($Task) {
    Build {
        Invoke-Build
    }
    Test {
        # The C# suite can speak even where the module does not build.
        $buildError = ''
        try { Invoke-Build } catch { $buildError = "$_" }
        $PSNativeCommandUseErrorActionPreference = $false
        Invoke-Pwsh "$PSScriptRoot/build/Invoke-Test.ps1" '-Configuration', $Configuration, '-Only', $Only, '-BuildError', $buildError
        exit $LASTEXITCODE
    }
    Demo {
        Invoke-Build
        Invoke-Pwsh "$PSScriptRoot/examples/demo.ps1" "$PSScriptRoot/module/UsageTracking.psd1"
    }
    Bench {
        Invoke-Build
        Invoke-Pwsh "$PSScriptRoot/bench/bench.ps1" $PassThru
    }
    Lint {
        $PSNativeCommandUseErrorActionPreference = $false
        Invoke-Pwsh "$PSScriptRoot/build/Invoke-Lint.ps1"
        exit $LASTEXITCODE
    }
    Package {
        Invoke-Build
        & "$PSScriptRoot/build/New-Package.ps1"
    }
}
