"""Runs told to MLflow, for those who keep their experiments there; needs the extra `mlflow`."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from streamlens.errors import InputError, StreamlensError
from streamlens.experiments.plan import AnyPlan
from streamlens.schema import CellRow, ExperimentReport


def check_tracking() -> None:
    """Raises StreamlensError, with the command that installs it, before anything is computed."""
    if find_spec("mlflow") is None:
        raise StreamlensError("--mlflow", "MLflow is not installed", "pip install 'streamlens-audit[mlflow]'")


def track(uri: str, folder: Path, plan: AnyPlan, report: ExperimentReport, cpu_s: Sequence[float]) -> None:
    """One MLflow run for the experiment, with the run folder as its artifacts, and one below it for each cell.

    A run that was told before (same digest) is not told again. Raises InputError where the URI cannot be written to.
    """
    # A folder of files is what people without a server have, and what MLflow 3 asks to be told that it is meant.
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        client = mlflow.MlflowClient(tracking_uri=uri)
        known = client.get_experiment_by_name(plan.name)
        experiment = known.experiment_id if known else client.create_experiment(plan.name)
        told = client.search_runs(
            [experiment], filter_string=f"tags.streamlens_digest = '{report.digest}'", max_results=1
        )
        if told:
            return
        tags = {"streamlens_digest": report.digest, "kind": report.kind, "question": report.question}
        if report.answer:
            tags["verdict"] = report.answer.verdict
        parent = client.create_run(experiment, run_name=f"{plan.name} {report.digest}", tags=tags).info.run_id
        client.log_metric(parent, "cells", len(report.cells))
        client.log_metric(parent, "cpu_s", sum(cpu_s))
        for verdict in ("borne_out", "contradicted", "cannot_tell", "refused") if report.judged else ():
            client.log_metric(parent, verdict, sum(each.verdict == verdict for each in report.judged))
        client.log_artifacts(parent, str(folder))
        client.set_terminated(parent)
        for row in report.cells:
            _cell(client, experiment, parent, row)
    except (MlflowException, OSError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise InputError(f"--mlflow {uri}", f"cannot be written to ({said})", "the run folder is complete") from error


def _cell(client: object, experiment: str, parent: str, row: CellRow) -> None:
    name = " · ".join(value for _, value in row.axes)
    run = client.create_run(  # type: ignore[attr-defined]
        experiment, run_name=name, tags={"mlflow.parentRunId": parent, "problem": row.problem}
    ).info.run_id
    for axis, value in row.axes:
        client.log_param(run, axis, value)  # type: ignore[attr-defined]
    for measure in row.result.measures:
        if measure.estimate is not None:
            metric = measure.metric.replace(" ", "_")
            client.log_metric(run, metric, measure.estimate.value)  # type: ignore[attr-defined]
    client.set_terminated(run, "FAILED" if row.problem else "FINISHED")  # type: ignore[attr-defined]
