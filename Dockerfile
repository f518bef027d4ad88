# The fake in a container, from the wheel that `make wheel` builds:
#   make wheel && docker build -t fakegemini . && docker run --rm -p 127.0.0.1:8787:8787 fakegemini
# Scripting it from outside of the container takes a token: -e FAKEGEMINI_CONTROL_TOKEN=…
FROM python:3.13-slim
COPY dist/*.whl /tmp/
RUN pip install --no-cache-dir --root-user-action=ignore /tmp/*.whl && rm /tmp/*.whl \
 && useradd --create-home fakegemini
USER fakegemini
WORKDIR /home/fakegemini
ENV FAKEGEMINI_HOST=0.0.0.0 FAKEGEMINI_PORT=8787 PYTHONUNBUFFERED=1
EXPOSE 8787
HEALTHCHECK --interval=5s --start-period=5s CMD \
  ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"FAKEGEMINI_PORT\"]}/__fakegemini__/health')"]
ENTRYPOINT ["fakegemini"]
CMD ["serve", "--expose"]
